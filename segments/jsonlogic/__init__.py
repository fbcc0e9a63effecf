"""JsonLogic (jsonlogic.com) in and out: what other systems write as rules becomes a segment, and the other way.

A customer is the object of his attributes, and an unknown attribute is absent from it; dates are texts such as
"2026-01-31", identifiers are texts or numbers as the rule writes them. Related objects (subscriptions, invoices, …) are
arrays of objects: some, all and none look into them. JsonLogic's meaning is kept to the letter of its reference
implementation, in what is true and false and in what null comes to (null < 5 is true there), with two exceptions that
a warehouse asks for: `in` with a text in an attribute finds it in upper and lower case alike, as `contains` does, and
an empty text counts as unknown.

Import takes: and, or, !, !!, if, ==, ===, !=, !==, <, <=, >, >= (two arguments, < and <= also three), in, var (with a
default), missing, missing_some, some, all, none, and constants. What has no equivalent
(arithmetic, map, filter, reduce, cat, substr, log, method calls) is refused at its place.

What JsonLogic cannot say is written with operators of our own, which import reads back:

    {"event": [event, function, field or null, window, where?]}   a measure of the customer's events, to compare
    {"event_never": [event, window, where?]}                      no such event in the window
    {"event_stopped": [event, window, before, where?]}            none in the window, though some in `before`
    {"count": [{"var": entity}, where?]}                          how many related objects match; compare it like a var
    {"in_segment": key}, {"in_list": key}                         membership of a segment, of an uploaded list
    {"begins_with": [x, text]}, {"ends_with": [x, text]}          in upper and lower case alike
    {"within": [x, window]}                                       a date within a period
    {"relative_date": [offset, unit]}                             the as-of date moved, wherever a date may stand

A window is ["all"], ["last" | "next", n, unit], ["this" | "previous", unit], ["between", near, far, unit] or
["dates", from or null, to or null]; `where` is logic over the fields of one event or object, as in `some`.
"""

from segments.jsonlogic.reading import import_jsonlogic
from segments.jsonlogic.writing import export_jsonlogic

__all__ = ["export_jsonlogic", "import_jsonlogic"]
