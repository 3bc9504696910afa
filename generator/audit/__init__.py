"""The policy enforcer: what a repository declares, judged by the rules of the policy, with its idle bill.

`documents` and `discovery` read; everything else turns values into values.
"""
