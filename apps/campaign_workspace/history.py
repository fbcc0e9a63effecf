"""What happened to a campaign: who led it where, when and why; its versions."""

from apps.campaign_workspace.words import stage_name
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, facts
from crm import campaign_messages as said
from crm.services.campaigns import register
from crm.services.campaigns.values import CampaignInfo


def history(info: CampaignInfo) -> None:
    """Events, versions, and the facts of the card."""
    say = speaker()
    with services().database.read() as session:
        events, versions = register.events(session, info.key), register.versions(session, info.key)
    with card(t("Facts of the campaign"), stretch=False):
        facts(
            {
                t("Key"): info.key,
                t("Owner"): info.owner_name or info.owner_login,
                t("Written by"): info.author_login,
                t("Made"): say.moment(info.created_at),
                t("Last changed"): f"{say.moment(info.updated_at)} · {info.updated_by}",
                t("Hash of the content"): info.fingerprint[:16],
            },
            columns=3,
        )
    with card(t("What happened"), stretch=False):
        tables.plain(
            [
                {
                    "at": say.moment(each.at),
                    "what": t(said.TRANSITIONS[each.what]) if each.what in said.TRANSITIONS else each.what,
                    "stage": stage_name(each.to_stage),
                    "version": str(each.version),
                    "who": each.actor_login,
                    "why": each.reason or "—",
                }
                for each in events
            ],
            {
                "at": tables.text(t("Time"), 140),
                "what": tables.text(t("Step"), 210),
                "stage": tables.text(t("Stage"), 150),
                "version": tables.number(t("Version"), 80),
                "who": tables.text(t("Who"), 160),
                "why": tables.text(t("Reason"), 360),
            },
            key="campaign_events",
        )
    with card(t("Versions of the content"), stretch=False):
        tables.plain(
            [
                {
                    "number": str(each.number),
                    "at": say.moment(each.at),
                    "state": t(_STATES[each.state.value]),
                    "who": ", ".join(each.editors),
                    "approved": say.moment(each.approved_at),
                    "hash": each.fingerprint[:16],
                    "why": each.reason or "—",
                }
                for each in versions
            ],
            {
                "number": tables.number(t("Version"), 80),
                "state": tables.text(t("State"), 170),
                "at": tables.text(t("Written"), 140),
                "who": tables.text(t("Written by"), 200),
                "approved": tables.text(t("Approved"), 140),
                "hash": tables.text(t("Hash of the content"), 160),
                "why": tables.text(t("Reason"), 250),
            },
            key="campaign_versions",
        )


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


_STATES = {
    "draft": _("draft"),
    "submitted": _("in approval, version"),
    "approved": _("approved"),
    "returned": _("returned for changes"),
    "dropped": _("changed after it was submitted"),
}
