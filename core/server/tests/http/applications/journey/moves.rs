//! Reads at the doors while journeys move: whoever reads at any moment sees the phases that have been reached and no other.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::super::{JourneyFixture, PHASES, PLURALS};
    use cairn_testkit::TestClient;
    use std::cell::{Cell, RefCell};
    use std::time::Duration;

    /// How often is read, by all customers together.
    const READS: usize = 10_000;
    /// Requests at a time, for each customer.
    const READERS: usize = 2;
    const MARKER: &str = "MARKER";

    /// A customer whose journey goes back and forth between two positions.
    struct MovingCustomer {
        name: &'static str,
        client: TestClient,
        /// Positions of the phases.
        between: (usize, usize),
        /// The last position that may be seen, after each beginning and each end of a move.
        reached: RefCell<Vec<usize>>,
    }

    impl MovingCustomer {
        fn new(fixture: &JourneyFixture, name: &'static str, between: (usize, usize)) -> Self {
            let client = TestClient::clone(fixture.client(name));
            Self { name, client, between, reached: RefCell::new(vec![between.0]) }
        }

        fn count_changes(&self) -> usize {
            self.reached.borrow().len()
        }

        /// The last position that may have been seen since then.
        fn find_limit(&self, since: usize) -> usize {
            self.reached.borrow()[since - 1..].iter().copied().max().unwrap()
        }

        /// Moves it to the other position, and checks that the next read knows.
        async fn move_on(&self, fixture: &JourneyFixture) {
            let now = *self.reached.borrow().last().unwrap();
            let next = if now == self.between.0 { self.between.1 } else { self.between.0 };
            self.reached.borrow_mut().push(now.max(next));
            // A busy machine asks for another attempt: nothing has moved then.
            let mut answer = fixture.move_to(self.name, PHASES[next], "To and fro").await;
            while answer.status == 503 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                answer = fixture.move_to(self.name, PHASES[next], "To and fro").await;
            }
            answer.expect_status(200);
            self.reached.borrow_mut().push(next);
            let path = format!("/api/journey/items?filters[title][$startsWith]={MARKER}&pagination[pageSize]=1");
            let seen = self.client.get(&path).await.expect_status(200).pagination_total();
            assert_eq!(seen, next as u64 + 1, "{} at position {next}", self.name);
        }
    }

    fn title(position: usize) -> String {
        format!("{MARKER}-{position}-")
    }

    /// Addresses at which an item could be seen.
    fn list_doors(items: &[String]) -> Vec<String> {
        let mut doors: Vec<String> = [
            "me",
            "journeys?populate[currentPhase][populate]=*&populate[definition][populate][phases][populate]=*",
            "slots?populate[content][populate]=*&populate[planRow][populate]=*&populate[entry][populate]=*",
            "items?populate[phases][populate][planRows][populate]=*&populate[journeys][populate]=*",
            "phases?populate[planRows][populate][item][populate]=*",
            "items?pagination[pageSize]=1&sort=title:desc",
        ]
        .map(|path| format!("/api/journey/{path}"))
        .into();
        for plural in PLURALS {
            for query in ["", "?populate=*&pagination[pageSize]=100", "?_q=MARKER", "?status=draft&sort=createdAt:desc"]
            {
                doors.push(format!("/api/journey/{plural}{query}"));
            }
        }
        doors.push("/api/users/me?populate=*".to_owned());
        doors.push("/api/users?populate=*".to_owned());
        for (position, id) in items.iter().enumerate() {
            doors.push(format!("/api/journey/items/{id}?populate=*"));
            doors.push(format!("/api/journey/items?filters[title]={}", title(position)));
        }
        doors
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_read_shows_a_later_phase_while_journeys_move() {
        let fixture = JourneyFixture::new().await;
        let mut items = Vec::new();
        for (position, phase) in PHASES.iter().enumerate() {
            items.push(fixture.publish_item(&title(position), phase, None).await);
        }
        fixture.server.run_until_idle().await;
        let customers = [("anna", (0, 2)), ("bram", (3, 4)), ("chris", (5, 1))]
            .map(|(name, between)| MovingCustomer::new(&fixture, name, between));
        let doors = list_doors(&items);
        let reads = Cell::new(0);
        let read_doors = async |customer: &MovingCustomer, offset: usize| {
            for door in doors.iter().cycle().skip(offset) {
                if reads.get() >= READS {
                    return;
                }
                reads.set(reads.get() + 1);
                let since = customer.count_changes();
                let answer = customer.client.get(door).await;
                let limit = customer.find_limit(since);
                let (name, text) = (customer.name, answer.text());
                assert!([200, 400, 403, 404].contains(&answer.status), "{name} {door}: {text}");
                for (position, id) in items.iter().enumerate().skip(limit + 1) {
                    // An id that the address names is in the answer that there is no such document.
                    let shows =
                        text.contains(&title(position)) || (text.contains(id.as_str()) && !door.contains(id.as_str()));
                    assert!(!shows, "{name} {door} at most at {limit}: {text}");
                }
                for other in customers.iter().filter(|other| other.name != name) {
                    assert!(!text.contains(&format!("F22 {}", other.name)), "{name} {door}: {text}");
                }
            }
        };
        let moves = async {
            let mut count = 0;
            for customer in customers.iter().cycle() {
                if reads.get() >= READS {
                    break;
                }
                customer.move_on(&fixture).await;
                count += 1;
            }
            count
        };
        let readers = customers.iter().flat_map(|customer| (0..READERS).map(move |n| (customer, n)));
        let readers = readers.map(|(customer, n)| read_doors(customer, n * doors.len() / READERS));
        let (count, _) = tokio::join!(moves, futures_util::future::join_all(readers));
        assert!(count > 20, "only {count} moves");
        fixture.server.run_until_idle().await;
        fixture.assert_no_call_failed().await;
    }
}
