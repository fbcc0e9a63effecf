"""Lists of customers that people upload: read in any usual form, matched set-wise, stored for the gate.

Belongs here: reading of text and sheets, recognition of identifiers, matching through the gate, storing. Does not
belong here: whose a list is and who sees it (`crm`), and the table that shows its members (`vitrina.warehouse.live`).
"""
