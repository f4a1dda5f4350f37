//! The CRM: an inquiry that becomes a deal, its quote and the deposit.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::killed_server::{Application, KilledServer, SITE, StepRequest, list_seeds};
    use serde_json::{Value as Json, json};

    const CUSTOMER: &str = "sanne@example.nl";

    fn crm(answer: &str) -> Application {
        let form = json!({ "key": "bruiloft", "pipeline": "bruiloften", "owner": "role:Sales", "ownerName": "Bart", "answer": answer });
        let settings = json!({ "perMinute": 1000, "companyName": "Mr. DJ B.V.", "forms": [form] });
        Application { folder: "crm", id: "crm", settings, environment: Vec::new() }
    }

    fn id_of(document: &Json) -> String {
        document["documentId"].as_str().unwrap().to_owned()
    }

    /// The path of the link that opens the quote, among those that were mailed: sending it again replaces the link.
    async fn find_link(server: &KilledServer) -> Option<String> {
        for mail in server.receiver.mails_to(CUSTOMER).iter().filter(|mail| !mail.parts("application/pdf").is_empty()) {
            let text = mail.text();
            let start = text.find(&format!("{SITE}/api/crm/offer/"))?;
            let link = text[start + SITE.len()..].split_whitespace().next()?.to_owned();
            if server.client().send(&StepRequest::get(&link)).await.status == 200 {
                return Some(link);
            }
        }
        None
    }

    /// Plays the story from the inquiry to the deposit, and tells what is there at its end.
    async fn play_story(seed: Option<u64>) -> Json {
        let mut server = KilledServer::start(crm("full"), seed).await;
        let root = server.root().to_owned();
        let by_team = |request: StepRequest| request.by(&root);
        let inquiry = json!({
            "name": "Sanne de Vries", "email": CUSTOMER, "phone": "0612345678", "eventDate": "2028-06-20", "packageWish": "gold", "locale": "nl",
        });
        server.step(StepRequest::post("/api/crm/intake/bruiloft", inquiry), &[200, 201]).await;
        let lead = id_of(&server.rows("plugin::crm.lead", "").await[0]);

        let qualify = by_team(StepRequest::post(format!("/api/crm/qualify/{lead}"), json!({})));
        let deal = server.step(qualify, &[200, 201]).await.data()["deal"].as_str().unwrap().to_owned();

        let stages = "filters[pipeline][key]=bruiloften&filters[key]=offerte";
        let stage = id_of(&server.rows("plugin::crm.stage", stages).await[0]);
        let path = format!("/admin/api/content/plugin::crm.deal/{deal}");
        let change = json!({ "data": { "stage": { "set": [stage] } } });
        server.step(by_team(StepRequest::put(path, change)), &[200]).await;
        let drafted = async || server.rows("plugin::crm.quote", "").await.first().map(id_of);
        let quote = server.wait_for("the quote", drafted).await;

        let press = |action: &str, mut values: Json| {
            values["quote"] = json!(quote);
            let path = format!("/admin/api/plugins/crm/views/quotes/actions/{action}");
            by_team(StepRequest::post(path, json!({ "values": values })))
        };
        server.step(press("send", json!({})), &[200, 409]).await;
        let is_sent = async || {
            let quotes = server.rows("plugin::crm.quote", "filters[delivery]=sent").await;
            if quotes.is_empty() { None } else { find_link(&server).await }
        };
        let link = server.wait_for("the mail with the quote", is_sent).await;

        let accept = StepRequest::post(format!("{link}/accept"), json!({ "name": "Sanne de Vries" }));
        server.step(accept, &[200]).await;
        server.step(press("deposit", json!({ "amount": "378,13" })), &[200, 409]).await;
        server.settle(async || tell_end(&server).await).await
    }

    async fn tell_end(server: &KilledServer) -> Json {
        let fields = async |uid: &str, query: &str, fields: &[&str]| {
            let rows = server.rows(uid, query).await;
            let pick = |row: &Json| fields.iter().map(|field| row[*field].clone()).collect::<Vec<Json>>();
            let mut picked: Vec<String> = rows.iter().map(|row| json!(pick(row)).to_string()).collect();
            picked.sort();
            picked
        };
        let deals = server.rows("plugin::crm.deal", "populate[stage]=true").await;
        let deal = |deal: &Json| {
            let history: Vec<&Json> =
                deal["stageHistory"].as_array().unwrap().iter().map(|entry| &entry["stage"]).collect();
            json!([deal["stage"]["key"], deal["status"], deal["amount"], history])
        };
        // A user without a response repeats the action: a quote that was sent by then is sent again, with a link of its own.
        let mut mails = server.mails_to(CUSTOMER);
        let is_quote = |subject: &String| subject.starts_with("Je offerte");
        let quotes = server.rows("plugin::crm.quote", "").await;
        let sent: u64 = quotes.iter().map(|quote| quote["deliveries"].as_u64().unwrap()).sum();
        assert_eq!(mails.iter().filter(|subject| is_quote(subject)).count() as u64, sent, "{mails:?}");
        mails.dedup_by(|one, other| is_quote(one) && is_quote(other));
        json!({
            "leads": fields("plugin::crm.lead", "", &["name", "status", "slaState"]).await,
            "contacts": fields("plugin::crm.contact", "", &["name"]).await,
            "keys": fields("plugin::crm.contact-key", "", &["kind", "value"]).await,
            "activities": fields("plugin::crm.activity", "", &["kind", "subject"]).await,
            "quotes": fields("plugin::crm.quote", "", &["number", "revision", "status", "delivery", "gross"]).await,
            "payments": fields("plugin::crm.payment", "", &["amount", "bookedBy"]).await,
            "deals": deals.iter().map(deal).collect::<Vec<Json>>(),
            "mails": mails,
            "events": server.count_events("crm").await,
        })
    }

    /// Sends forms that are answered before they are leads, and tells what became of them.
    async fn send_forms(seed: Option<u64>) -> Json {
        let mut server = KilledServer::start(crm("plain"), seed).await;
        for n in 0..12 {
            let form =
                json!({ "name": format!("Guest {n:02}"), "email": format!("guest{n:02}@example.nl"), "locale": "nl" });
            server.step(StepRequest::post("/api/crm/intake/bruiloft", form), &[201]).await;
        }
        let tell = async || {
            let fields = async |uid: &str, query: &str, field: &str| {
                let rows = server.rows(uid, query).await;
                rows.iter().map(|row| row[field].clone()).collect::<Vec<Json>>()
            };
            json!({
                "leads": fields("plugin::crm.lead", "sort=email:asc", "email").await,
                "running": fields("plugin::crm.lead", "sort=email:asc&filters[slaState]=running", "name").await,
                "contacts": fields("plugin::crm.contact", "sort=email:asc", "name").await,
                "tasks": fields("plugin::crm.activity", "sort=subject:asc&filters[kind]=task", "subject").await,
                "mails": (0..12).map(|n| server.mails_to(&format!("guest{n:02}@example.nl")).len()).collect::<Vec<usize>>(),
                "events": server.count_events("crm").await,
            })
        };
        server.settle(tell).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn killed_program_makes_one_lead_of_each_form() {
        let undisturbed = send_forms(None).await;
        assert_eq!(undisturbed["leads"].as_array().unwrap().len(), 12, "{undisturbed}");
        assert_eq!(undisturbed["mails"], json!(vec![1; 12]), "{undisturbed}");
        for seed in list_seeds(4) {
            let mut killed = send_forms(Some(seed)).await;
            // A form whose sender got no answer is sent again: it is part of the same lead, and that is an event of its own.
            killed["events"].as_object_mut().unwrap().remove("crm.lead.merged");
            assert_eq!(killed, undisturbed, "SEED={seed}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn killed_program_takes_an_inquiry_to_its_deposit_once() {
        let undisturbed = play_story(None).await;
        for (list, count) in [("leads", 1), ("contacts", 1), ("quotes", 1), ("payments", 1), ("deals", 1), ("mails", 3)]
        {
            assert_eq!(undisturbed[list].as_array().unwrap().len(), count, "{list}: {undisturbed}");
        }
        for seed in list_seeds(4) {
            let mut killed = play_story(Some(seed)).await;
            // An inquiry whose sender got no answer is sent again: it is part of the same lead, and that is an event of its own.
            killed["events"].as_object_mut().unwrap().remove("crm.lead.merged");
            assert_eq!(killed, undisturbed, "SEED={seed}");
        }
    }
}
