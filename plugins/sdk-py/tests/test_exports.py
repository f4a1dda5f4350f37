"""What handlers return and raise, as the host gets it."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest.mock import patch

from componentize_py_types import Err
from wit_world.exports import admin, event_handler, http_handler, job_handler, privacy
from wit_world.imports import log, types

from cairn_plugin import (
    ActionResult,
    ErasedDocument,
    ErasureStep,
    PersonalRecord,
    PluginError,
    Privacy,
    Reply,
    ReportPage,
    RetainedRecord,
    View,
    _guard,
    _jobs,
    _privacy,
    _routes,
    _subscriptions,
    _views,
    again,
    dead,
    done,
    reject,
    retry,
)

CALL = types.Call("c", "k", types.Actor_User(types.Principal("u", None, [], ["journey:assembly"])), "en", 1, 0)


class Unwritable(Exception):
    def __str__(self) -> str:
        raise ValueError("no")


def task(payload: str = "{}", name: str = "j") -> job_handler.Task:
    return job_handler.Task("1", name, None, payload, 0, None)


def event(number: int) -> event_handler.Event:
    return event_handler.Event(str(number), number, "n", "k", 0, '{"documentId":"d"}', 1, "rest", False)


def raising(error: BaseException) -> Callable[..., Any]:
    def run(*_: Any) -> Any:
        raise error

    return run


class Exports(unittest.TestCase):
    def setUp(self) -> None:
        self.lines: list[tuple[Any, str, Any]] = []
        logged = patch.object(log, "emit", lambda *line: self.lines.append(line))
        begun = patch("cairn_plugin._host.begin", lambda: None)
        for each in (logged, begun):
            each.start()
            self.addCleanup(each.stop)

    def test_slices_of_jobs_end_as_they_say(self) -> None:
        def ended(outcome: Any) -> job_handler.Outcome:
            return _jobs.run({"j": lambda task, call: outcome}, CALL, task())

        self.assertEqual(ended(None), job_handler.Outcome_Done(None))
        self.assertEqual(ended(done({"é": 1})), job_handler.Outcome_Done('{"é": 1}'))
        self.assertEqual(ended(again(2, timedelta(seconds=1))), job_handler.Outcome_Again(("2", 1000)))
        self.assertEqual(ended(retry("why\ud800", timedelta(milliseconds=5))), job_handler.Outcome_Retry(("why?", 5)))
        self.assertEqual(ended(dead("why")), job_handler.Outcome_Dead("why"))
        cyclic: list[Any] = []
        cyclic.append(cyclic)
        wrong: tuple[Any, ...] = (5, "text", [], done(object()), done(float("nan")), done(cyclic), again(1, timedelta(seconds=-1)), retry("w", 5))  # type: ignore[arg-type]
        for answer in wrong:
            self.assertIsInstance(ended(answer), job_handler.Outcome_Retry)
        self.assertEqual(len(self.lines), len(wrong))

    def test_what_is_stored_about_a_person_crosses(self) -> None:
        asked = Privacy(
            report=lambda person, cursor, call: ReportPage([PersonalRecord("t:contact", person.email, {"from": cursor})], None if cursor else 1),
            erase=lambda person, cursor, call: ErasureStep(
                [ErasedDocument("plugin::a.contact", "d")], ["f"], [RetainedRecord("Invoice", "7", "t:fiscal", datetime(1970, 1, 1, tzinfo=timezone.utc))]
            ),
        )
        ann = privacy.Person("ann@example.com", "u", None)
        first = privacy.ReportPage([privacy.PersonalRecord("t:contact", "ann@example.com", '{"from": null}')], "1")
        self.assertEqual(_privacy.report(asked, CALL, ann, None), first)
        self.assertIsNone(_privacy.report(asked, CALL, ann, "1").next)
        erased = [types.DocumentRef("plugin::a.contact", "d", None)]
        retained = [privacy.RetainedRecord("Invoice", "7", "t:fiscal", 0)]
        self.assertEqual(_privacy.erase(asked, CALL, ann, None), privacy.ErasureStep(erased, ["f"], retained, None))
        wrong: Any = Privacy(report=lambda *_: None, erase=lambda *_: ErasureStep(next=object()))  # type: ignore[arg-type]
        for function in (_privacy.report, _privacy.erase):
            with self.assertRaises(Err):
                function(wrong, CALL, ann, None)

    def test_whatever_is_raised_becomes_an_answer(self) -> None:
        for error in (ValueError("bug"), Unwritable(), SystemExit(3), KeyboardInterrupt(), RecursionError(), Err(5)):
            ended = _jobs.run({"j": raising(error)}, CALL, task())
            self.assertIsInstance(ended, job_handler.Outcome_Retry, repr(type(error)))
            acks = _subscriptions.handle({"s": raising(error)}, CALL, "s", [event(1)])
            self.assertIsInstance(acks[0], event_handler.Ack_Retry)
        self.assertIn("raised: ValueError: bug", [line[1] for line in self.lines])

    def test_faults_that_no_repetition_cures_are_not_repeated(self) -> None:
        def ended(error: PluginError) -> tuple[Any, Any]:
            acks = _subscriptions.handle({"s": raising(error)}, CALL, "s", [event(1)])
            return (_jobs.run({"j": raising(error)}, CALL, task()), acks[0])

        self.assertEqual(ended(PluginError.denied("x")), (job_handler.Outcome_Dead("denied: x"), event_handler.Ack_Reject("denied: x")))
        later = ("unavailable", 5)
        self.assertEqual(ended(PluginError.unavailable(5)), (job_handler.Outcome_Retry(later), event_handler.Ack_Retry(later)))
        again = ("conflict (version): m", None)
        self.assertEqual(ended(PluginError.conflict("version", "m")), (job_handler.Outcome_Retry(again), event_handler.Ack_Retry(again)))
        self.assertIsInstance(_jobs.run({"j": lambda task, call: task.payload()}, CALL, task("{")), job_handler.Outcome_Dead)
        self.assertIsInstance(_jobs.run({}, CALL, task()), job_handler.Outcome_Dead)

    def test_events_are_acknowledged_one_by_one_and_those_after_one_that_failed_wait(self) -> None:
        seen = []

        def handle(given: Any, call: Any) -> Any:
            seen.append(given.id)
            self.assertEqual((given.document_id(), call.actor, call.actor_id), ("d", "user", "u"))
            return reject("no") if given.id == "2" else None

        acks = _subscriptions.handle({"s": handle}, CALL, "s", [event(1), event(2), event(3)])
        self.assertEqual([type(ack).__name__ for ack in acks], ["Ack_Done", "Ack_Reject", "Ack_Retry"])
        self.assertEqual(seen, ["1", "2"])

    def test_answers_to_requests_cross_and_what_is_none_is_a_fault(self) -> None:
        def answered(reply: Any) -> http_handler.Response:
            run = reply if callable(reply) else lambda request, call: reply
            request = http_handler.Request("r", "GET", "/", [], [], [("A", "b")], http_handler.Body_Empty(), None)
            return _routes.handle({"r": run}, CALL, request)

        answer = answered(Reply(201, json={"a": "é"}))
        self.assertEqual((answer.status, answer.headers), (201, [("content-type", "application/json")]))
        self.assertEqual(answer.body, http_handler.Body_Bytes('{"a": "é"}'.encode()))
        self.assertEqual(answered(Reply(204)).body, http_handler.Body_Empty())
        received = http_handler.Request("r", "POST", "/", [], [], [], http_handler.Body_File("body-1"), None)
        answer = _routes.handle({"r": lambda given, call: Reply(200, json=[given.file, len(given.body)])}, CALL, received)
        self.assertEqual(answer.body, http_handler.Body_Bytes(b'["body-1", 0]'))
        for wrong in (None, 5, Reply(99), Reply("200"), Reply(200, json=object()), Reply(200, headers={"a": 1}), raising(ValueError("x"))):  # type: ignore[arg-type,dict-item]
            with self.assertRaises(Err) as failed:
                answered(wrong)
            self.assertIsInstance(failed.exception.value, types.Error_Internal)
        with self.assertRaises(Err) as failed:
            answered(raising(PluginError.not_found("x")))
        self.assertEqual(failed.exception.value, types.Error_NotFound("x"))

    def test_views_and_what_comes_of_their_buttons_cross(self) -> None:
        def shown(show: Any) -> str:
            asked = admin.ViewRequest("board", types.DocumentRef("api::a.a", "d", None), [("year", "2026")])
            return _views.view({"board": View(show)}, CALL, asked)

        said = shown(lambda request, call: {"kind": "text", "text": f"{request.document.document_id} {request.parameters['year']} {call.locale}"})
        self.assertEqual(said, '{"kind": "text", "text": "d 2026 en"}')
        for wrong in (lambda *_: None, lambda *_: "text", lambda *_: {"a": object()}, raising(ValueError("x"))):
            with self.assertRaises(Err) as failed:
                shown(wrong)
            self.assertIsInstance(failed.exception.value, types.Error_Internal)

        def pressed(views: Any, values: str = '{"n": 1}') -> admin.ActionResult:
            return _views.act(views, CALL, admin.ActionRequest("board", "close", None, values))

        acted = pressed({"board": View(dict, lambda request, call: ActionResult({"kind": "text", "text": str(request.values["n"])}, "done", "/plugins"))})  # type: ignore[arg-type]
        self.assertEqual(acted, admin.ActionResult('{"kind": "text", "text": "1"}', "done", "/plugins"))
        self.assertEqual(pressed({"board": View(dict, lambda *_: None)}), admin.ActionResult(None, None, None))  # type: ignore[arg-type]
        for views, values, fault in (
            ({"board": View(dict)}, "{}", types.Error_NotFound),  # type: ignore[arg-type]
            ({"board": View(dict, raising(PluginError.field("n", "few", "Too few.")))}, "{}", types.Error_Invalid),  # type: ignore[arg-type]
            ({"board": View(dict, lambda *_: 5)}, "{}", types.Error_Internal),  # type: ignore[arg-type]
            ({"board": dict}, "{}", types.Error_Internal),
            ({"board": View(dict, lambda *_: None)}, "{", types.Error_Invalid),  # type: ignore[arg-type]
        ):
            with self.assertRaises(Err) as failed:
                pressed(views, values)
            self.assertIsInstance(failed.exception.value, fault)

    def test_a_handler_that_is_missing_is_found_when_the_component_is_built(self) -> None:
        _guard.expect({"a": 1}, ["a"], "jobs", "[[job]]")
        for handlers, message in (({"a": 1}, 'has [[job]] "b"'), ({"a": 1, "b": 1, "c": 1}, 'has "c"'), (None, '"a"')):
            with self.assertRaises(SystemExit) as stopped:
                _guard.expect(handlers, ["a", "b"], "jobs", "[[job]]")
            self.assertIn(message, str(stopped.exception))


if __name__ == "__main__":
    unittest.main()
