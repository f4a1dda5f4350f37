//! Envelopes whose program is killed at every step.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::esign::{SigningStory, StorySetup, build_pdf, draw_line, name_signers};
    use crate::applications::killed_server::{StepRequest, list_seeds};
    use serde_json::{Value as Json, json};
    use tokio::task::JoinSet;

    /// Signers of the envelope that many sign at once: as many as it can have.
    const MANY: usize = 50;

    /// Plays the story from the draft to the sealed document, and tells what is there at its end.
    async fn play_story(seed: Option<u64>) -> Json {
        let signers = name_signers(&["ann", "bart"], true);
        let setup = StorySetup { seed, signers, document: build_pdf(&[0]), authority: None };
        let mut story = SigningStory::start(setup).await;
        story.place_fields(story.list_signature_fields()).await;
        story.send().await;
        story.sign(0, json!({ "signature": draw_line() })).await;
        story.sign(1, json!({ "typed": "Bart v. d. Weijer" })).await;
        // The seal is made at this time.
        story.server.kill_repeatedly(4, 2_500).await;
        let end = story.server.settle(async || story.tell_end().await).await;
        story.check_sealed().await;
        end
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn killed_program_takes_an_envelope_to_its_seal_once() {
        let undisturbed = play_story(None).await;
        let audit = json!(["sent", "linkSent", "viewed", "signed", "linkSent", "viewed", "signed", "completed"]);
        assert_eq!((&undisturbed["audit"], &undisturbed["status"]), (&audit, &json!("completed")), "{undisturbed}");
        assert_eq!(undisturbed["intact"], true);
        for seed in list_seeds(3) {
            assert_eq!(play_story(Some(seed)).await, undisturbed, "SEED={seed}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_sign_at_once_while_the_program_is_killed() {
        let names: Vec<String> = (0..MANY).map(|n| format!("signer{n:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let seed = list_seeds(1)[0];
        let signers = name_signers(&names, false);
        let setup = StorySetup { seed: Some(seed), signers, document: build_pdf(&[0]), authority: None };
        let mut story = SigningStory::start(setup).await;
        story.place_fields(story.list_signature_fields()).await;
        story.send().await;
        let mut signing = JoinSet::new();
        for (n, signer) in story.signers.iter().enumerate() {
            let (client, link) = (story.server.client(), story.wait_for_link(signer).await);
            signing.spawn(async move {
                client.expect(&StepRequest::post(format!("{link}/open"), json!({})), &[200]).await;
                let mut answers = json!({ "consent": true });
                match n % 2 {
                    0 => answers["typed"] = json!(format!("Signer {n}")),
                    _ => answers["signature"] = json!(draw_line()),
                }
                client.expect(&StepRequest::post(format!("{link}/sign"), answers), &[200]).await;
            });
        }
        story.server.kill_repeatedly(5, 3_000).await;
        signing.join_all().await;
        story.server.kill_repeatedly(5, 2_500).await;
        let end = story.server.settle(async || story.tell_end().await).await;
        assert_eq!((&end["status"], &end["intact"]), (&json!("completed"), &json!(true)), "SEED={seed}: {end}");
        let audit = end["audit"].as_array().unwrap();
        for (event, count) in [("sent", 1), ("linkSent", MANY), ("viewed", MANY), ("signed", MANY), ("completed", 1)] {
            assert_eq!(audit.iter().filter(|kind| *kind == event).count(), count, "SEED={seed} {event}: {end}");
        }
        assert_eq!(audit.len(), 2 + 3 * MANY, "SEED={seed}: {end}");
        for mails in end["mails"].as_array().unwrap() {
            assert_eq!(mails.as_array().unwrap().len(), 2, "SEED={seed}: {end}");
        }
        story.check_sealed().await;
    }
}
