"""/reconcile: the Reconciliation Service API 0.2 of the W3C's community group, by which OpenRefine and others match rows to people.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""
