"""Connector entries: where a source is, how often it is read and in what form its data arrives.

One `connector.yaml` per source system. Connections hold what entities share; an entity entry overrides them.
A new source is such an entry and a contract, never Python. Secrets are named here and read from the environment.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from vitrina.errors import UserError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class ConnectorError(UserError):
    """A connector file is wrong; the message names the file and the field."""


class Strict(BaseModel):
    """Unknown fields are typing errors and are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Retry(Strict):
    """How often a failing request is tried again, and how long to wait (seconds, doubling, with jitter)."""

    attempts: int = Field(default=5, ge=1, le=20)
    wait_seconds: float = Field(default=0.5, ge=0)
    max_wait_seconds: float = Field(default=60, gt=0)


class EntityBase(Strict):
    """What every entity entry may say, whatever the kind of its source."""

    source: Name
    entity: Name
    schedule: str | None = None
    """Cron line in the settings' time zone: how often the source is asked."""
    event_date: Identifier | None = None
    """Contract column whose month a row belongs to; names the months that a batch touches."""
    batch_rows: int = Field(default=2_000_000, ge=1)
    retry: Retry = Retry()
    null_tokens: list[str] = []
    """Spellings of "no value" beside the empty text."""

    @property
    def table(self) -> str:
        """Name of the raw table: `<source>__<entity>`."""
        return f"{self.source}__{self.entity}"


class DatabaseEntity(EntityBase):
    """A table of a relational database, read by keyset on (incremental, key) or whole."""

    kind: Literal["database"]
    url_env: str
    from_table: Identifier | None = None
    schema_name: Identifier | None = None
    key: list[Identifier] = Field(min_length=1)
    incremental: Identifier | None = None
    columns: list[Identifier] | None = None
    chunk_rows: int = Field(default=200_000, ge=1)
    settle_seconds: int = Field(default=0, ge=0)
    """Rows younger than this wait for the next run: their transactions may still be under way."""


class FileLocation(EntityBase):
    """Files that the source system drops into a folder."""

    path: str
    """Glob; relative to the inbox, or starting with {inbox}/, {shared_data}/ or a slash."""
    date_in_name: str | None = None
    """Regular expression with a group `date`."""
    date_in_name_format: str = "%Y%m%d"
    encoding: str = "utf-8"

    @field_validator("date_in_name")
    @classmethod
    def _has_date_group(cls, value: str | None) -> str | None:
        try:
            groups = re.compile(value).groupindex if value else {"date": 1}
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        if "date" not in groups:
            raise ValueError("the pattern needs a group (?P<date>…)")
        return value


class FilesEntity(FileLocation):
    """Delimited text, JSON lines or blank-aligned text; gzip is recognised by its first bytes."""

    kind: Literal["files"]
    format: Literal["csv", "jsonl", "aligned"] = "csv"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', max_length=1)
    decimal: Literal[".", ","] = "."
    date_format: str | None = None
    timestamp_format: str | None = None
    header: bool = True
    header_names: list[str] | None = None
    """Names of the columns by position, for files without a header row."""
    rename: dict[Identifier, str] = {}
    """Contract column → the name in the header, or the path inside the JSON object."""

    @model_validator(mode="after")
    def _names_known(self) -> "FilesEntity":
        if self.format in ("csv", "aligned") and not self.header and not self.header_names:
            raise ValueError("header_names: needed where header is false")
        return self


class XmlEntity(FileLocation):
    """XML files: one row per element at `rows`, fields by path below it."""

    kind: Literal["xml"]
    rows: str
    """Path of local names from the root's child or any depth below: `Documents/Invoice`."""
    fields: dict[Identifier, str]
    """Contract column → path: `Party/INN`, `@id`, `../@date`; several separated by `|`, first found wins."""
    date_format: str | None = None
    timestamp_format: str | None = None
    decimal: Literal[".", ","] = "."


class OnecStatementEntity(FileLocation):
    """Bank statements in the text format 1CClientBankExchange."""

    kind: Literal["onec_statement"]
    section: Literal["document", "statement"]
    encoding: str = "windows-1251"


class HttpBase(EntityBase):
    """What REST and SOAP sources share."""

    url_env: str
    token_env: str | None = None
    timeout_seconds: float = Field(default=30, gt=0)
    requests_per_second: float | None = Field(default=None, gt=0)
    page_size: int = Field(default=1000, ge=1)
    incremental: Identifier | None = None
    """Field of an item whose largest value is where the next extraction starts."""
    fields: dict[Identifier, str] = {}
    date_format: str | None = None
    timestamp_format: str | None = None
    decimal: Literal[".", ","] = "."


class Paging(Strict):
    """Names of the request parameters and of the answer's fields."""

    page_param: str = "page"
    size_param: str = "page_size"
    items: str = "items"
    pages: str | None = "pages"
    next_url: str | None = None
    first_page: int = 1
    max_pages: int = Field(default=100_000, ge=1)


class RestEntity(HttpBase):
    """A JSON list over HTTP, page by page."""

    kind: Literal["rest"]
    resource: str
    params: dict[str, str] = {}
    headers: dict[str, str] = {}
    since_param: str | None = None
    paging: Paging = Paging()


class SoapEntity(HttpBase):
    """A SOAP operation; its answers land as the XML that came and are read by row path."""

    kind: Literal["soap"]
    operation: str
    service: str | None = None
    port: str | None = None
    params: dict[str, Any] = {}
    """Arguments; the texts `{since}`, `{page}` and `{page_size}` are filled in."""
    rows: str
    initial_since: str = "1970-01-01T00:00:00"


Entity = Annotated[
    DatabaseEntity | FilesEntity | XmlEntity | OnecStatementEntity | RestEntity | SoapEntity,
    Field(discriminator="kind"),
]
# the C parser is ten times quicker where PyYAML was built with it
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ENTITY: TypeAdapter[Any] = TypeAdapter(Entity)


class Connector(Strict):
    """One source system: its name in the three languages and its entities by name."""

    source: Name
    title: dict[Literal["ru", "uz", "en"], str]
    entities: dict[Name, Entity]


def load_connector(path: Path) -> Connector:
    """Read one `connector.yaml`. Raises `ConnectorError` naming the file and the field."""
    try:
        text = path.read_text(encoding="utf-8")
        # Both choices of the loader are safe ones.
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506  # nosec B506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConnectorError(f"{path}: cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise ConnectorError(f"{path}: a mapping with source, connections and entities is expected")
    return _assemble(path, document)


def load_connectors(sources_dir: Path, names: tuple[str, ...]) -> dict[str, Connector]:
    """The connectors of the named sources, in that order. Raises `ConnectorError` for a missing or wrong one."""
    found = {}
    for name in names:
        path = sources_dir / name / "connector.yaml"
        connector = load_connector(path)
        if connector.source != name:
            raise ConnectorError(f"{path}: source: must be {name!r} like its folder, not {connector.source!r}")
        found[name] = connector
    return found


def _assemble(path: Path, document: dict[str, Any]) -> Connector:
    unknown = set(document) - {"source", "title", "connections", "entities"}
    if unknown:
        raise ConnectorError(f"{path}: {sorted(unknown)[0]}: unknown field")
    source = str(document.get("source", ""))
    connections = document.get("connections") or {}
    entities = {}
    for name, entry in (document.get("entities") or {}).items():
        entities[name] = _entity(path, source, name, entry or {}, connections)
    if not entities:
        raise ConnectorError(f"{path}: entities: at least one is needed")
    try:
        return Connector(source=source, title=document.get("title") or {"en": str(source)}, entities=entities)
    except ValidationError as error:
        raise ConnectorError(_explain(path, "", error)) from None


def _entity(path: Path, source: Any, name: str, entry: dict[str, Any], connections: dict[str, Any]) -> Any:
    where = f"entities.{name}"
    entry = dict(entry)
    connection = entry.pop("connection", None)
    if connection is not None and connection not in connections:
        raise ConnectorError(f"{path}: {where}.connection: no connection {connection!r}, only {sorted(connections)}")
    merged = {**(connections.get(connection) or {}), **entry, "source": source, "entity": name}
    try:
        return _ENTITY.validate_python(merged)
    except ValidationError as error:
        raise ConnectorError(_explain(path, where, error)) from None


def _explain(path: Path, where: str, error: ValidationError) -> str:
    kinds = ("database", "files", "xml", "onec_statement", "rest", "soap")
    lines = []
    for fault in error.errors():
        place = ".".join(str(part) for part in fault["loc"] if part not in kinds)
        lines.append(f"{path}: {'.'.join(filter(None, (where, place)))}: {fault['msg']}")
    return "\n".join(lines)
