"""Verification: is an e-mail address, number or profile link good, is it known here, and does it belong to this person?"""
