"""What those who administer campaigns set for all of them: contact policy, limits of budgets, prices, routes.

Everybody who sees campaigns may read it; each change is checked again by the right to administer.
"""
