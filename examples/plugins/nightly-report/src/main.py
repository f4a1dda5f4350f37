"""Every night: what was published since the last one, as a PDF by mail."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from cairn_plugin import Call, Outcome, Task, again, data, done, kv, log, mail, pdf, settings

NEWS = "api::news.news"
# Up to when it has told, in milliseconds since 1970.
TOLD = "told-until"
# What a first night tells, and the most that one tells after nights without.
FIRST = timedelta(days=1)
LONGEST = timedelta(days=7)
# Items that are read at a time, and shown.
PAGE = 100
MOST = 500
# Longest title and summary, in letters: the model has an end.
TITLE = 300
SUMMARY = 600


def report(task: Task, call: Call) -> Outcome:
    """One night, in two slices: the first makes the PDF, the second sends it. What is between them is kept by the host, so a report that
    was made is not made again where the sending has to be tried again."""
    chosen = settings.get()
    recipients = chosen["recipients"]
    if not recipients:
        log.info("nobody is to get the report: name somebody in the settings")
        return done()
    until = moment(task.payload().get("scheduledFor", task.due.timestamp() * 1000))
    told = kv.get(TOLD)
    made = task.checkpoint()
    if told is not None and told >= millis(until):
        return done("told before")
    if made is None:
        return make(span(told, until), chosen)
    with data.transaction():
        kv.put(TOLD, made["until"])
        mail.send(f"until-{made['until']}", recipients, "report", made["words"], chosen["locale"], [made["file"]])
    log.info("sent", total=made["words"]["total"], to=len(recipients))
    return done({"total": made["words"]["total"]})


def make(night: tuple[datetime, datetime], chosen: dict[str, Any]) -> Outcome:
    """The PDF of a night."""
    since, until = night
    items, total = published(since, until)
    if total == 0 and not chosen["whenNothing"]:
        kv.put(TOLD, millis(until))
        return done("nothing was published")
    words = {"since": shown(since), "until": shown(until), "total": total}
    file = pdf.render("report", {**words, "items": items}, chosen["locale"], f"published-{until:%Y-%m-%d}.pdf")
    return again({"file": file, "until": millis(until), "words": words})


def published(since: datetime, until: datetime) -> tuple[list[dict[str, str]], int]:
    """What was published, the newest first, as far as it is shown; and how much it is in all."""
    within = {"publishedAt": {"$gt": iso(since), "$lte": iso(until)}}
    total = data.count(NEWS, within)
    items: list[dict[str, str]] = []
    while len(items) < min(total, MOST):
        rows = data.find(NEWS, within, ["publishedAt:desc"], ["title", "summary", "publishedAt"], start=len(items), limit=PAGE)
        if not rows:
            break
        items.extend(item(row) for row in rows)
    return items[:MOST], max(total, len(items))


def item(row: dict[str, Any]) -> dict[str, str]:
    """A row as the report shows it."""
    at = str(row.get("publishedAt") or "")[:16].replace("T", " ")
    return {"title": line(row.get("title"), TITLE) or "–", "summary": line(row.get("summary"), SUMMARY), "at": at}


def line(value: object, most: int) -> str:
    """A text on one line, of at most so many letters."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    text = "".join(letter for letter in text if letter.isprintable())
    return text if len(text) <= most else text[: most - 1] + "…"


def span(told: int | None, until: datetime) -> tuple[datetime, datetime]:
    """From where it ended the last time; a day where there was none."""
    return (until - FIRST if told is None else max(moment(told), until - LONGEST)), until


def moment(ms: float) -> datetime:
    """Milliseconds since 1970 as a time."""
    return datetime.fromtimestamp(int(ms) / 1000, tz=timezone.utc)


def millis(at: datetime) -> int:
    """A time as milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def iso(at: datetime) -> str:
    """A time as the API has it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def shown(at: datetime) -> str:
    """A time as people read it."""
    return at.strftime("%Y-%m-%d %H:%M")


jobs = {"report": report}
