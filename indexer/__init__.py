"""Feeds to profiles to index: readers, pipeline, resolver service, expiry, rebuild."""
