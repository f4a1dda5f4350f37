//! The plugins of the repository that are products of their own pass the tests in their folders. `cargo xtask test <id>` runs one of them.

use crate::examples::assert_scenarios_pass;

mod crm {
    use super::assert_scenarios_pass;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass("plugins/crm", 4).await;
    }
}

mod esign {
    use super::assert_scenarios_pass;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass("plugins/esign", 4).await;
    }
}

mod journey {
    use super::assert_scenarios_pass;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass("plugins/journey", 8).await;
    }
}

mod kb {
    use super::assert_scenarios_pass;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass("plugins/knowledge-base", 8).await;
    }
}
