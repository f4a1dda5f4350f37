"""The report without a host."""

from __future__ import annotations

import json
import unittest
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest.mock import MagicMock, patch

from cairn_plugin import Call, Task
from cairn_plugin.outcomes import Again, Done

import main

NIGHT = datetime(2026, 3, 2, 5, 0, tzinfo=timezone.utc)
SETTINGS: dict[str, Any] = {"recipients": ["desk@example.com"], "locale": "nl", "timezone": "Europe/Amsterdam", "whenNothing": False}
CALL = Call("1", "1", "system", None, "en", 1, NIGHT)


def task(checkpoint: Any = None) -> Task:
    payload = json.dumps({"scheduledFor": main.millis(NIGHT)})
    return Task("1", "report", None, payload, NIGHT, None if checkpoint is None else json.dumps(checkpoint))


class Night(unittest.TestCase):
    def setUp(self) -> None:
        self.kept: dict[str, Any] = {}
        self.rows: list[dict[str, Any]] = []
        self.settings = dict(SETTINGS)
        self.render = self.mock("main.pdf.render", return_value="file-1")
        self.send = self.mock("main.mail.send", return_value="7")
        self.find = self.mock("main.data.find", side_effect=self.page)
        self.mock("main.data.count", side_effect=lambda *_: len(self.rows))
        self.mock("main.data.transaction")
        self.mock("main.log.info")
        self.mock("main.kv.get", side_effect=self.kept.get)
        self.mock("main.kv.put", side_effect=self.kept.__setitem__)
        self.mock("main.settings.get", side_effect=lambda: self.settings)

    def mock(self, name: str, **how: Any) -> MagicMock:
        patched = patch(name, **how)
        self.addCleanup(patched.stop)
        made: MagicMock = patched.start()
        return made

    def page(self, *_: Any, start: int, limit: int) -> list[dict[str, Any]]:
        return self.rows[start : start + limit]

    def news(self, count: int) -> None:
        self.rows = [{"title": f"n{n}", "summary": None, "publishedAt": "2026-03-01T12:34:56.000Z"} for n in range(count)]

    def test_a_night_is_made_and_then_sent_once(self) -> None:
        self.news(2)
        made = main.report(task(), CALL)
        assert isinstance(made, Again)
        model = self.render.call_args.args[1]
        self.assertEqual((model["total"], model["items"][0]), (2, {"title": "n0", "summary": "", "at": "2026-03-01 12:34"}))
        self.assertEqual((model["since"], model["until"]), ("2026-03-01 05:00", "2026-03-02 05:00"))
        self.assertEqual(self.render.call_args.args[2:], ("nl", "published-2026-03-02.pdf"))
        self.assertEqual(self.find.call_args.args[1]["publishedAt"], {"$gt": "2026-03-01T05:00:00.000Z", "$lte": "2026-03-02T05:00:00.000Z"})
        self.send.assert_not_called()
        self.assertEqual(main.report(task(made.checkpoint), CALL), Done({"total": 2}))
        key, to, template, words, locale, files = self.send.call_args.args
        self.assertEqual((to, template, locale, files, words["total"]), (["desk@example.com"], "report", "nl", ["file-1"], 2))
        self.assertEqual(key, f"until-{main.millis(NIGHT)}")
        # The job came again after all.
        self.assertEqual(main.report(task(made.checkpoint), CALL), Done("told before"))
        self.assertEqual(main.report(task(), CALL), Done("told before"))
        self.assertEqual((self.send.call_count, self.render.call_count), (1, 1))

    def test_it_goes_on_where_it_ended_but_not_for_ever(self) -> None:
        hours = main.span(main.millis(NIGHT - timedelta(hours=3)), NIGHT)
        self.assertEqual(hours, (NIGHT - timedelta(hours=3), NIGHT))
        self.assertEqual(main.span(0, NIGHT)[0], NIGHT - timedelta(days=7))
        self.assertEqual(main.span(None, NIGHT)[0], NIGHT - timedelta(days=1))

    def test_nothing_is_sent_where_nothing_was_published_unless_it_is_asked_for(self) -> None:
        self.assertEqual(main.report(task(), CALL), Done("nothing was published"))
        self.assertEqual(self.kept[main.TOLD], main.millis(NIGHT))
        self.kept.clear()
        self.settings["whenNothing"] = True
        self.assertIsInstance(main.report(task(), CALL), Again)
        self.assertEqual(self.render.call_args.args[1]["items"], [])

    def test_nobody_means_nobody(self) -> None:
        self.settings["recipients"] = []
        self.news(1)
        self.assertEqual(main.report(task(), CALL), Done(None))
        self.render.assert_not_called()

    def test_many_are_counted_and_the_first_of_them_shown(self) -> None:
        self.news(1234)
        main.report(task(), CALL)
        model = self.render.call_args.args[1]
        self.assertEqual((model["total"], len(model["items"])), (1234, main.MOST))
        self.assertEqual(self.find.call_count, main.MOST // main.PAGE)

    def test_texts_are_lines_with_an_end_and_without_what_cannot_be_shown(self) -> None:
        self.assertEqual(main.line("a\n\n b\tc\x00\x1b[0m\u202e", 20), "a b c[0m")
        self.assertEqual(main.line("x" * 30, 5), "xxxx…")
        self.assertEqual((main.line(None, 5), main.line(3, 5)), ("", ""))
        self.assertEqual(main.item({})["title"], "–")
        self.assertEqual(main.line("#set page() *é* 日本", 40), "#set page() *é* 日本")
