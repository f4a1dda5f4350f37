"""Calls to the host."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from componentize_py_types import Err, Ok
from wit_world.imports import data as raw_data
from wit_world.imports import files as raw_files
from wit_world.imports import groups as raw_groups
from wit_world.imports import http_client as raw_http
from wit_world.imports import i18n as raw_i18n
from wit_world.imports import jobs as raw_jobs
from wit_world.imports import kv as raw_kv
from wit_world.imports import mail as raw_mail
from wit_world.imports import pdf as raw_pdf
from wit_world.imports import people as raw_people
from wit_world.imports import preview as raw_preview
from wit_world.imports import public_files as raw_public_files
from wit_world.imports import search as raw_search
from wit_world.imports import secrets as raw_secrets
from wit_world.imports import signing as raw_signing
from wit_world.imports import settings as raw_settings
from wit_world.imports import templates as raw_templates
from wit_world.imports import users as raw_users
from wit_world.imports import zones as raw_zones
from wit_world.imports import types

from cairn_plugin import PluginError, data, files, groups, http, i18n, kv, lower, mail, pdf, people, preview, public_files, queue, search, secrets, settings, signing, templates, users, zones


class Transaction:
    """In place of the host's."""

    ended: list[str] = []

    @classmethod
    def begin(cls) -> Transaction:
        return cls()

    @classmethod
    def commit(cls, this: Transaction) -> None:
        cls.ended.append("commit")

    def __exit__(self, *_: Any) -> None:
        self.ended.append("dropped")


class Host(unittest.TestCase):
    def put_in_place(self, module: Any, name: str, value: Any) -> None:
        patched = patch.object(module, name, value)
        patched.start()
        self.addCleanup(patched.stop)

    def test_choices_come_as_they_are_made(self) -> None:
        self.put_in_place(raw_settings, "chosen", lambda choice: ["api::page.page"] if choice == "pages" else [])
        self.assertEqual((settings.chosen("pages"), settings.chosen("other")), (["api::page.page"], []))

    def test_the_look_of_the_site_comes_as_it_is(self) -> None:
        self.put_in_place(raw_settings, "look", lambda: raw_settings.SiteLook("#0b57a4", "#ffffff", None, "Europe/Amsterdam", "nl"))
        self.assertEqual(settings.look(), settings.Look("#0b57a4", "#ffffff", None, "Europe/Amsterdam", "nl"))

    def test_an_effect_happens_once_however_often_it_is_asked_for(self) -> None:
        kept: dict[str, bytes] = {}

        def put(entries: list[raw_kv.PutEntry]) -> None:
            if entries[0].key in kept and entries[0].expect_revision == 0:
                raise Err(types.Error_Conflict(types.Conflict("version", None, entries[0].key)))
            kept[entries[0].key] = entries[0].value

        self.put_in_place(raw_kv, "put", put)
        self.put_in_place(raw_kv, "get", lambda keys: [raw_kv.Entry(key, kept[key], 1) if key in kept else None for key in keys])
        self.assertEqual([kv.once("e", lambda: 5), kv.once("e", lambda: 5)], [5, None])
        kv.put("a", {"b": "é\ud800"})
        self.assertEqual((kv.get("a"), kv.get("none")), ({"b": "é?"}, None))

    def test_pdfs_are_asked_for_and_filled_by_values_of_three_kinds(self) -> None:
        asked: list[raw_pdf.RenderRequest] = []
        filled: list[raw_pdf.PlacedField] = []

        def render(request: raw_pdf.RenderRequest) -> str:
            asked.append(request)
            return "f1"

        def fill(file: str, fields: list[raw_pdf.PlacedField]) -> str:
            filled.extend(fields)
            return "f2"

        self.put_in_place(raw_pdf, "render_pdf", render)
        self.put_in_place(raw_pdf, "locate_fields", lambda file: [raw_pdf.FieldBox("sign", 2, (1.0, 2.0, 3.0, 4.0))])
        self.put_in_place(raw_pdf, "fill", fill)
        self.put_in_place(raw_pdf, "merge", lambda files, name: f"{'+'.join(files)} {name}")
        self.assertEqual(pdf.render("report", {"a": "é"}, "nl", "r.pdf"), "f1")
        self.assertEqual((asked[0].model, asked[0].profile, asked[0].attachments), ('{"a": "é"}', "pdf", []))
        self.assertEqual(pdf.locate("f1"), [pdf.Field("sign", 2, 1.0, 2.0, 3.0, 4.0)])
        self.assertEqual(pdf.fill("f1", {"a": "text", "b": True, "c": pdf.Image("f3")}), "f2")
        self.assertEqual([type(one.value).__name__ for one in filled], ["FieldValue_Text", "FieldValue_Checked", "FieldValue_Image"])
        self.assertEqual(pdf.merge(["f1", "f2"], "all.pdf"), "f1+f2 all.pdf")
        with self.assertRaisesRegex(TypeError, "fields.a has to be text"):
            pdf.fill("f1", {"a": 5})  # type: ignore[dict-item]

    def test_pages_of_pdfs_are_inspected_drawn_and_written_on(self) -> None:
        placed: list[raw_pdf.PlacedValue] = []

        def place(file: str, values: list[raw_pdf.PlacedValue]) -> str:
            placed.extend(values)
            return "f2"

        inspection = raw_pdf.Inspection([raw_pdf.PageSize(200.0, 100.0)], b"hash", raw_pdf.FormKind.ACRO_FORM, 1, True)
        self.put_in_place(raw_pdf, "place_values", place)
        self.put_in_place(raw_pdf, "draw_page", lambda file, page, width: f"{file} {page} {width}")
        self.put_in_place(raw_pdf, "inspect", lambda file: inspection)
        self.assertEqual(pdf.inspect("f1"), pdf.Inspection([(200.0, 100.0)], b"hash", "acro-form", 1, True))
        self.assertEqual(pdf.draw_page("f1", 2, 1_000), "f1 2 1000")
        self.assertEqual(pdf.place_values("f1", [pdf.PlacedValue(1, 2, 3.5, 4, 5, "é"), pdf.PlacedValue(2, 0, 0, 9, 9, True)]), "f2")
        self.assertEqual((placed[0].page, placed[0].box, placed[0].value), (1, (2.0, 3.5, 4.0, 5.0), raw_pdf.FieldValue_Text("é")))
        for wrong, expected in [((-1, 0, 0, 9, 9, "x"), "page has to be from 0"), ((1, 0, "0", 9, 9, "x"), "top has to be a number")]:
            with self.assertRaisesRegex((TypeError, ValueError), expected):
                pdf.place_values("f1", [pdf.PlacedValue(*wrong)])  # type: ignore[arg-type]

    def test_mails_go_with_all_that_they_have(self) -> None:
        sent: list[raw_mail.Message] = []
        told: list[raw_mail.Notice] = []

        def send(messages: list[raw_mail.Message]) -> list[str]:
            sent.extend(messages)
            return ["m1"]

        self.put_in_place(raw_mail, "send", send)
        self.put_in_place(raw_mail, "notify", told.extend)
        headers = {"List-Unsubscribe": "<https://site.test/u/é>"}
        mailed = mail.send("k", "ann@example.com", "confirm", {"link": "x"}, "nl", cc=["b@x.test"], bcc=["c@x.test"], reply_to="d@x.test", headers=headers)
        self.assertEqual(mailed, "m1")
        one = sent[0]
        self.assertEqual((one.to, one.cc, one.bcc, one.reply_to), (["ann@example.com"], ["b@x.test"], ["c@x.test"], "d@x.test"))
        self.assertEqual((one.headers, one.template), ([("List-Unsubscribe", "<https://site.test/u/é>")], raw_templates.Template_Named("confirm")))
        mail.send("k", ["a@x.test", "b@x.test"], mail.Inline("Hello"), {}, "en", ["f1"])
        self.assertEqual((sent[1].to, sent[1].template, sent[1].attachments), (["a@x.test", "b@x.test"], raw_templates.Template_Inline("Hello"), ["f1"]))
        mail.notify("k", "role:Desk", "New", "One more", "/plugins/newsletter/board")
        self.assertEqual(told, [raw_mail.Notice("k", ["role:Desk"], "New", "One more", "/plugins/newsletter/board")])

    def test_invitations_go_with_their_event(self) -> None:
        sent: list[raw_mail.InvitationMail] = []

        def send(messages: list[raw_mail.InvitationMail]) -> list[str]:
            sent.extend(messages)
            return ["m1"]

        self.put_in_place(raw_mail, "send_invitations", send)
        start = datetime(2027, 3, 1, 18, tzinfo=timezone.utc)
        concert = mail.Invitation("b1@example.test", "Concert", start, start + timedelta(hours=2), location="Hall 1")
        self.assertEqual(mail.send_invitation(concert, "ann@example.test", "confirmed", {}, "nl", secrets=["token-123"]), "m1")
        timed = raw_mail.EventTime_Timed(raw_mail.TimeSpan(1_803_924_000_000, 1_803_931_200_000))
        event = raw_mail.Invitation("b1@example.test", 0, raw_mail.InvitationMethod.REQUEST, timed, "Concert", None, "Hall 1")
        self.assertEqual((sent[0].message.key, sent[0].invitation, sent[0].secrets), ("", event, ["token-123"]))
        fair = mail.Invitation("b2@example.test", "Fair", date(2027, 3, 1), sequence=2, method="cancel")
        mail.send_invitation(fair, "ann@example.test", "cancelled", {}, "nl")
        self.assertEqual(sent[1].invitation.time, raw_mail.EventTime_AllDay(raw_mail.DaySpan("2027-03-01", "2027-03-01")))
        self.assertEqual((sent[1].invitation.method, sent[1].invitation.sequence), (raw_mail.InvitationMethod.CANCEL, 2))
        for wrong in (
            mail.Invitation("u", "s", datetime(2027, 3, 1)),
            mail.Invitation("u", "s", start, date(2027, 3, 1)),
            mail.Invitation("u", "s", date(2027, 3, 1), start),
            mail.Invitation("u", "s", start, sequence=-1),
            mail.Invitation("u", "s", start, method="publish"),  # type: ignore[arg-type]
        ):
            with self.assertRaises((TypeError, ValueError)):
                mail.send_invitation(wrong, "ann@example.test", "confirmed", {}, "nl")
        self.assertEqual(len(sent), 2)

    def test_texts_templates_and_money(self) -> None:
        self.put_in_place(raw_i18n, "locales", lambda: [raw_i18n.Locale("nl", "Nederlands", True)])
        self.put_in_place(raw_i18n, "translate", lambda key, locale, arguments: f"{key} {locale} {arguments}")
        self.put_in_place(raw_i18n, "format_instant", lambda at, locale, zone, style: f"{at} {zone} {style}")
        self.put_in_place(raw_i18n, "format_money", lambda amount, currency, locale: f"{currency} {amount}")
        self.put_in_place(raw_templates, "render", lambda template, model, locale: raw_templates.Rendered("s", None, model))
        self.assertEqual(i18n.locales(), [i18n.Locale("nl", "Nederlands", True)])
        self.assertEqual((i18n.translate("a", "nl"), i18n.translate("a", "nl", {"n": 1})), ("a nl None", 'a nl {"n": 1}'))
        self.assertEqual(i18n.format_instant(datetime(1970, 1, 1, tzinfo=timezone.utc), "nl", "UTC"), "0 UTC long")
        self.assertEqual((i18n.format_money(Decimal("1E+2"), "EUR", "nl"), i18n.format_money("0.10", "EUR", "nl")), ("EUR 100", "EUR 0.10"))
        self.assertEqual(templates.render("page", {"a": 1}, "nl"), templates.Rendered("s", None, '{"a": 1}'))

    def test_zones_know_local_times(self) -> None:
        self.put_in_place(raw_zones, "to_local", lambda zone, at: ["1970-01-01T01:00:00" for _ in at])
        self.put_in_place(raw_zones, "to_instants", lambda zone, local: [len(local[0])])
        self.put_in_place(raw_zones, "plus", lambda zone, start, durations: [start + len(one) for one in durations])
        start = datetime(1970, 1, 1, tzinfo=timezone.utc)
        self.assertEqual(zones.to_local("Europe/Amsterdam", [start]), [datetime(1970, 1, 1, 1)])
        self.assertEqual(zones.to_instants("UTC", [datetime(2026, 3, 29, 9, 30, 15, 250)]), [lower.time(len("2026-03-29T09:30:15"))])
        self.assertEqual(zones.plus("UTC", start, ["P1D", "P10D"]), [lower.time(3), lower.time(4)])
        for wrong in (lambda: zones.to_instants("UTC", [start]), lambda: zones.to_local("UTC", [datetime(1970, 1, 1)]), lambda: zones.plus("UTC", start, "P1D")):
            self.assertRaises(TypeError, wrong)

    def test_calls_know_the_preview_that_they_are_for(self) -> None:
        self.put_in_place(raw_preview, "current", lambda: None)
        self.assertIsNone(preview.current())
        self.put_in_place(raw_preview, "current", lambda: raw_preview.Preview(86_400_000))
        self.assertEqual(preview.current(), preview.Preview(datetime(1970, 1, 2, tzinfo=timezone.utc)))

    def test_public_files_have_addresses(self) -> None:
        self.put_in_place(raw_public_files, "url", lambda path: f"/plugins/a/1.0.0/{path}?v=0")
        self.assertEqual(public_files.url("form.js"), "/plugins/a/1.0.0/form.js?v=0")
        self.assertRaises(TypeError, lambda: public_files.url(1))  # type: ignore[arg-type]

    def test_groups_are_lists_of_names(self) -> None:
        given: dict[str, list[str]] = {}
        self.put_in_place(raw_groups, "set_groups", lambda user, names: given.update({user: names}))
        self.put_in_place(raw_groups, "list_groups", lambda user: given[user])
        self.put_in_place(raw_groups, "list_members", lambda group, after, limit: raw_groups.Members([f"{group} {after} {limit}"], None))
        groups.set("u", ("journey:a", "journey:b"))
        self.assertEqual(groups.list_of("u"), ["journey:a", "journey:b"])
        self.assertEqual(groups.members("journey:a", limit=5), groups.Members(["journey:a None 5"], None))
        self.assertRaises(TypeError, lambda: groups.set("u", "journey:a"))

    def test_people_are_found_by_ids_names_and_roles(self) -> None:
        asked: list[tuple[raw_people.Filter, str | None, int]] = []

        def find(by: raw_people.Filter, after: str | None, limit: int) -> raw_people.Page:
            asked.append((by, after, limit))
            return raw_people.Page([raw_people.Person("7", None, ["sales"], True)], "7")

        self.put_in_place(raw_people, "find", find)
        somebody = people.Person("7", None, ["sales"], True)
        self.assertEqual(people.find_by_ids(["7"]), [somebody])
        self.assertEqual(people.find_by_names(("bart", "eva"), "3", 5), people.Page([somebody], "7"))
        self.assertEqual(people.find_by_roles(["sales"]).next, "7")
        expected = [
            (raw_people.Filter_Ids(["7"]), None, 100),
            (raw_people.Filter_Names(["bart", "eva"]), "3", 5),
            (raw_people.Filter_Roles(["sales"]), None, 100),
        ]
        self.assertEqual(asked, expected)
        self.assertRaises(TypeError, lambda: people.find_by_ids("7"))

    def test_people_are_invited_by_their_address(self) -> None:
        asked: list[raw_users.Invitation] = []

        def invite(invitation: raw_users.Invitation) -> raw_users.Invited:
            asked.append(invitation)
            return raw_users.Invited("u1", raw_users.InvitationOutcome.SENT_AGAIN)

        self.put_in_place(raw_users, "invite", invite)
        self.assertEqual(users.invite("ann@example.com"), users.Invited("u1", "sent-again"))
        users.invite("ann@example.com", name="Ann", role="customer", language="nl")
        expected = [
            raw_users.Invitation("ann@example.com", None, None, None),
            raw_users.Invitation("ann@example.com", "Ann", "customer", "nl"),
        ]
        self.assertEqual(asked, expected)
        self.assertRaises(TypeError, lambda: users.invite(7))  # type: ignore[arg-type]

    def test_secrets_are_named_and_files_are_bytes(self) -> None:
        self.put_in_place(raw_secrets, "is_set", lambda secret: secret == "key")
        self.put_in_place(raw_secrets, "sign", lambda secret, mac, message: secret.encode() + mac.name.encode() + message)
        self.put_in_place(raw_secrets, "verify", lambda secret, mac, message, tag: tag == b"t")
        self.assertEqual((secrets.is_set("key"), secrets.sign("key", "hmac-sha256", b"m")), (True, b"keyHMAC_SHA256m"))
        self.assertTrue(secrets.verify("key", "hmac-sha1", b"m", b"t"))
        self.put_in_place(raw_files, "stat", lambda ids: [raw_files.Info(ids[0], "a.txt", "text/plain", 3, b"h"), None])
        self.put_in_place(raw_files, "read", lambda id, offset, length: b"abc"[offset : offset + length])
        self.put_in_place(raw_files, "create", lambda name, media_type, content: f"{name} {media_type} {len(content)}")
        self.put_in_place(raw_files, "keep", lambda id, name, media_type: f"{id} {name} {media_type}")
        self.put_in_place(raw_files, "link", lambda id, valid_for: f"{id} {valid_for}")
        self.put_in_place(raw_files, "delete", lambda ids: None)
        self.assertEqual(files.stat("f1", "f2"), [files.Info("f1", "a.txt", "text/plain", 3, b"h"), None])
        self.assertEqual(files.keep("body-1", "a.txt", "text/plain"), "body-1 a.txt text/plain")
        self.assertEqual((files.stat(), files.read("f1", 1), files.create("a", "text/plain", "é".encode())), ([], b"bc", "a text/plain 2"))
        self.assertEqual(files.link("f1", timedelta(days=1)), "f1 86400000")
        files.remove("f1")

    def test_what_is_found_comes_with_its_facets(self) -> None:
        asked: list[raw_search.Request] = []

        def query(requests: list[raw_search.Request]) -> list[Any]:
            asked.extend(requests)
            hit = raw_search.Hit("a", 1.5, '{"title": "A"}', [("title", "<mark>A</mark>")])
            return [Ok(raw_search.Results([hit], [raw_search.Facet("topic", [("news", 2)])], 1, None))]

        self.put_in_place(raw_search, "query", query)
        found = search.query("articles", "a", facets=[search.Facet("topic")], filters={"topic": "news"}, typo_tolerance="generous")
        self.assertEqual((found.hits[0].document, found.facets, found.total), ({"title": "A"}, {"topic": [("news", 2)]}, 1))
        self.assertEqual((asked[0].filters, asked[0].typo_tolerance, asked[0].limit), ('{"topic": "news"}', raw_search.Tolerance.GENEROUS, 20))
        self.put_in_place(raw_search, "query", lambda requests: [Err(types.Error_Denied("x"))])
        with self.assertRaises(PluginError):
            search.query("articles")
        entries: list[raw_search.Entry] = []
        self.put_in_place(raw_search, "put", lambda index, given: entries.extend(given))
        search.put("articles", search.Entry("a", {"title": "A"}, audience=["user:1"]))
        self.assertEqual(entries, [raw_search.Entry("a", None, '{"title": "A"}', ["user:1"])])

    def test_documents_with_ids_are_created_in_one_call(self) -> None:
        calls: list[list[raw_data.IdentifiedCreate]] = []
        self.put_in_place(raw_data, "create_with_id", lambda creates, rights: calls.append(creates))
        data.create_with_ids([])
        data.create_with_ids([data.NewDocument("a", "order", {"number": 7}), data.NewDocument("b", "line", {"order": "a"}, draft=True)])
        published, draft = types.Status.PUBLISHED, types.Status.DRAFT
        order = raw_data.IdentifiedCreate("a", "order", '{"number": 7}', None, published)
        line = raw_data.IdentifiedCreate("b", "line", '{"order": "a"}', None, draft)
        self.assertEqual(calls, [[order, line]])

    def test_groups_are_measured_as_asked(self) -> None:
        requests: list[raw_data.GroupMeasures] = []
        rows = raw_data.Rows('[{"group": {"stage": "new"}, "median": {"amount": 12.5}}]', 1, None, None)

        def measure_groups(given: list[raw_data.GroupMeasures], rights: types.Authority) -> list[Ok[raw_data.Rows]]:
            requests.extend(given)
            return [Ok(rows)]

        self.put_in_place(raw_data, "measure_groups", measure_groups)
        groups = data.measure_groups("deal", ["stage"], ["median.amount"], {"open": {"$eq": True}}, sort=["median.amount:desc"])
        self.assertEqual(groups, [{"group": {"stage": "new"}, "median": {"amount": 12.5}}])
        query = raw_data.Query("deal", '{"open": {"$eq": true}}', ["median.amount:desc"], [], None, None, types.Status.PUBLISHED)
        self.assertEqual(requests, [raw_data.GroupMeasures(query, ["stage"], ["median.amount"], 100)])
        self.put_in_place(raw_data, "measure_groups", lambda given, rights: [Err(types.Error_Denied("x"))])
        with self.assertRaises(PluginError):
            data.measure_groups("deal", [], ["count"])

    def test_a_transaction_is_dropped_where_its_block_raises(self) -> None:
        Transaction.ended = []
        self.put_in_place(raw_data, "Transaction", Transaction)
        with data.transaction():
            pass
        with self.assertRaises(ValueError), data.transaction():
            raise ValueError
        self.assertEqual(Transaction.ended, ["commit", "dropped"])

    def test_values_of_a_wrong_type_never_reach_the_host(self) -> None:
        def reached(*_: Any) -> Any:
            self.fail("it reached the host")

        for module, name in ((raw_mail, "send"), (raw_secrets, "sign"), (raw_files, "create"), (raw_search, "put"), (raw_i18n, "format_money"), (raw_kv, "put"), (raw_kv, "get"), (raw_kv, "increment"), (raw_jobs, "enqueue"), (raw_data, "read"), (raw_http, "send")):
            self.put_in_place(module, name, reached)
        wrong: list[Callable[[], Any]] = [
            lambda: kv.get(5),  # type: ignore[arg-type]
            lambda: kv.put("a", object()),
            lambda: kv.put("a", float("inf")),
            lambda: kv.put("a", 1, timedelta(seconds=-1)),
            lambda: kv.put("a", 1, 5),  # type: ignore[arg-type]
            lambda: kv.increment("a", 2**63),
            lambda: kv.increment("a", True),
            lambda: queue.enqueue("j", {}, due=datetime(2026, 1, 1)),
            lambda: queue.enqueue("j", {}, on_duplicate="nothing"),  # type: ignore[arg-type]
            lambda: data.find("t", limit=-1),
            lambda: data.find("t", limit=2**32),
            lambda: data.find("t", sort=[5]),  # type: ignore[list-item]
            lambda: mail.send("k", ["a"], "t", {}, "en", cc="b@x.test"),
            lambda: mail.send("k", ["a"], 5, {}, "en"),  # type: ignore[arg-type]
            lambda: mail.send("k", ["a"], "t", {}, "en", headers={"X-A": 5}),  # type: ignore[dict-item]
            lambda: secrets.sign("k", "md5", b""),  # type: ignore[arg-type]
            lambda: secrets.sign("k", "hmac-sha1", "text"),  # type: ignore[arg-type]
            lambda: files.create("a", "text/plain", "text"),  # type: ignore[arg-type]
            lambda: search.put("i", search.Entry("a", {"b": object()})),
            lambda: i18n.format_money(0.1, "EUR", "nl"),  # type: ignore[arg-type]
            lambda: http.send("GET", "https://example.test", headers={"a": 1}),  # type: ignore[dict-item]
            lambda: http.send("GET", "https://example.test", body="text"),  # type: ignore[arg-type]
            lambda: http.secret_address(5),  # type: ignore[arg-type]
        ]
        for run in wrong:
            with self.assertRaises((TypeError, ValueError, KeyError)):
                run()

    def test_a_token_is_signed_by_the_key_that_its_header_names(self) -> None:
        kids = ["new", "new", "old"]

        def sign(key: str, data: bytes) -> raw_signing.Signature:
            return raw_signing.Signature(raw_signing.Algorithm.ES256, "new", bytes([255] * 3))

        self.put_in_place(raw_signing, "sign", sign)
        self.put_in_place(raw_signing, "public_jwk", lambda key: f'{{"alg": "ES256", "kid": "{kids.pop()}"}}')
        token = signing.sign_jwt("receipts", {"sub": "é"})
        header, payload, signature = token.split(".")
        self.assertEqual(header, signing.base64url(b'{"alg": "ES256", "kid": "new", "typ": "JWT"}'))
        self.assertEqual((signature, kids), ("____", ["new"]))
        self.assertEqual(signing.sign("receipts", b"").algorithm, "es256")
        kids[:] = ["old", "old"]
        with self.assertRaises(PluginError):
            signing.sign_jwt("receipts", {})

    def test_a_request_goes_with_its_secret_by_name(self) -> None:
        sent: list[raw_http.Request] = []

        def send(requests: list[raw_http.Request]) -> list[Any]:
            sent.extend(requests)
            return [Ok(raw_http.Response(200, [("Retry-After", "7")], raw_http.Body_Bytes(b'{"a":1}')))]

        self.put_in_place(raw_http, "send", send)
        answer = http.send("POST", "https://example.test", secret_headers=(http.SecretHeader("authorization", "key", "Bearer "),), json={"q": 1})
        self.assertEqual((answer.json(), answer.header("retry-AFTER")), ({"a": 1}, "7"))
        self.assertEqual(sent[0].secret_headers, [raw_http.SecretHeader("authorization", "Bearer ", "key")])
        self.assertEqual(sent[0].body, raw_http.Body_Bytes(b'{"q": 1}'))
        http.send("POST", http.secret_address("team-chat"), json={})
        self.assertEqual(sent[1].url, "secret:team-chat")
        self.put_in_place(raw_http, "send", lambda requests: [Err(types.Error_Denied("x"))])
        with self.assertRaises(PluginError) as failed:
            http.send("GET", "https://example.test")
        self.assertEqual(failed.exception.fault, types.Error_Denied("x"))

    def test_what_is_no_json_is_invalid(self) -> None:
        for said in (b"", b"{", b"\xff", "[" * 100_000):
            with self.assertRaises(PluginError) as failed:
                lower.parsed(said, "body")
            self.assertIsInstance(failed.exception.fault, types.Error_Invalid)

    def test_times_go_both_ways(self) -> None:
        at = datetime(2026, 11, 21, 8, 0, 0, 250_000, timezone.utc)
        self.assertEqual(lower.time(lower.instant(at, "at")), at)
        self.assertEqual(lower.time(2**62).year, 9999)


if __name__ == "__main__":
    unittest.main()
