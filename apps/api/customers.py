"""Customers: search, lists, one profile."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from apps.api.access import Known
from apps.api.problems import Problem, _
from apps.data import customer as one
from apps.data import customers
from apps.data.customers import Filter
from apps.data.search import parse
from vitrina.access.looks import Purpose

router = APIRouter(tags=["customers"])
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


@router.get("/customers")
def search(
    client: Known,
    q: Annotated[str, Query(max_length=200)] = "",
    customer_type: str | None = None,
    segment: str | None = None,
    status: str | None = None,
    order: Literal["charges", "debt", "name", "newest"] = "charges",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Customers of your scope that match, one page: `q` is a name, phone, INN, PINFL, number or id."""
    client.needs("customers")
    query, reader = parse(q), client.reader(Purpose.API)
    owners = customers.owners(reader, client.rights, query)
    wanted = Filter(query, customer_type, segment, status, order, owners)
    total = customers.count(reader, wanted)
    return {"total": total, "items": customers.page(reader, wanted, limit, offset).to_pylist() if total else []}


@router.get("/customers/{customer_id}/profile")
def profile(client: Known, customer_id: int) -> dict[str, Any]:
    """All attributes of one customer that are open to you, masked as your role has them."""
    client.needs("customers")
    found = one.profile(client.reader(Purpose.API), customer_id) if abs(customer_id) < 2**63 else None
    if found is None:
        raise Problem(404, "customer_unknown", _("There is no customer {id} in this snapshot."), id=customer_id)
    return found
