"""Lists of customers that people upload: matched to the mart, then a condition of segments."""

from apps.actions import tell_done
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.list_life import list_life
from apps.segment_workspace.list_upload import result_card, show_result, upload_card
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state, page_header
from crm.services import segments as kept


def known_lists() -> None:
    """The lists that the person sees; a chosen one shows its result."""
    with services().database.read() as session:
        found = kept.lists(session, person().rights)
    with card(t("Lists"), stretch=False):
        if not found:
            empty_state("list_alt", t("No lists yet"), t("Upload a file, and use it as a condition of segments."))
            return
        say = speaker()
        picked = tables.selectable(
            [
                {
                    "name": each.name,
                    "members": say.number(each.facts.members),
                    "rows": say.number(each.facts.rows),
                    "lost": say.number(sum(each.facts.unmatched.values())),
                    "owner": each.owner_login,
                    "at": say.moment(each.updated_at),
                    "file": each.facts.file_name,
                }
                for each in found
            ],
            {
                "name": tables.text(t("Name"), "medium"),
                "members": tables.number(t("Customers"), 110),
                "rows": tables.number(t("Rows"), 100),
                "lost": tables.number(t("Not found"), 110),
                "owner": tables.text(t("Owner"), 150),
                "at": tables.text(t("Uploaded"), 140),
                "file": tables.text(t("File"), "medium"),
            },
            key="customer_lists",
            height=400,
        )
        if picked is not None:
            chosen, facts = found[picked], found[picked].facts
            show_result(chosen.key, facts.rows, facts.members, facts.matched, facts.unmatched)
            if not person().is_viewing_as and chosen.owner_id == person().user_id:
                list_life(chosen)


page_header(t("Lists of customers"), t("Customers from a file, to be used in segments"))
tell_done()
if person().own_rights.allows("segments", "edit") and not person().is_viewing_as:
    with card(t("Upload a list"), stretch=False):
        upload_card()
        result_card()
known_lists()
