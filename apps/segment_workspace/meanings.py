"""What an empty value of an attribute means, as the contracts of the mart say it; marked here for the catalogues.

A meaning that is not here is shown as the contract has it.
"""


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


MEANINGS = (
    _("null where the source has none"),
    _("null when the customer never had a subscription"),
    _("null when the customer had no complete calendar month as a subscriber inside the window"),
    _("null for organisations and where the source has none"),
    _("null when there was no payment in the window"),
    _("null for months of the archive"),
    _("null when the device of the main subscription is not known"),
    _("null for private persons and where the source has none"),
    _("null when nothing was paid within the look-back of 24 months"),
    _("null where it has none"),
    _("null for a device that the catalogue does not know"),
    _("null when there was no interaction within 12 months"),
    _("null when the average of the three months before is zero, so no change can be stated"),
    _("null when there never was a subscription"),
    _("null for a device without one"),
    _("null without postpaid invoices; zero means nothing overdue"),
    _("null when there was no usage within the look-back of 24 months"),
    _("null when the birth date is not known"),
    _("null when no manager is assigned"),
    _("null when no agreement in force has an end date"),
    _("null without roaming"),
    _("null when the customer has no active subscription on the profile date"),
    _("null when the active products have no data bundle"),
    _("null when no e-invoice was issued in the window"),
    _("null where no employee took part"),
    _("null when the customer has no postpaid account that was ever invoiced"),
    _("null without a full month as a subscriber"),
    _("null without postpaid invoices; zero means nothing owed"),
    _("null when not known or the device has none"),
    _("null where the register does not know it"),
    _("null when the customer was never active"),
    _("null when there is no agreement"),
    _("null while the subscription is not terminated"),
    _("null where the channel has no length"),
    _("null when the active products have no minutes bundle"),
    _("null when the active products have no SMS bundle"),
    _("null when no usage is stored for the last three months"),
    _("null when no payment is stored for the last three months"),
    _("null for the first status"),
    _("null as legal_status"),
    _("null without a power of attorney"),
    _("null for private persons and when no subscription was open three months before"),
    _("null when nothing was invoiced within the look-back of 24 months"),
    _("null for private persons and for organisations that the tax service does not know"),
    _("null when the year of release is not known"),
    _("null where it was not asked or not answered"),
    _("null when no score was given within 12 months"),
    _("null when there were no charges in the window"),
    _("null when there is no billing account"),
    _("null when there was no data usage in the window"),
    _("null while no end is agreed"),
)
