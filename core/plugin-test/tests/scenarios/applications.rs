//! The plugins of the repository that are products of their own pass the tests in their folders: without faults in the gate, and with them in
//! `cargo xtask test --full <id>`.

use crate::examples::assert_scenarios_pass_calmly;

mod crm {
    use super::assert_scenarios_pass_calmly;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass_calmly("plugins/crm", 14).await;
    }

    /// Tests that take long: `cargo xtask test --full`.
    mod full {
        use crate::examples::assert_scenarios_pass;

        #[tokio::test(flavor = "multi_thread")]
        async fn plugin_passes_its_scenarios_with_faults() {
            assert_scenarios_pass("plugins/crm", 14).await;
        }
    }
}

mod esign {
    use super::assert_scenarios_pass_calmly;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass_calmly("plugins/esign", 8).await;
    }

    /// Tests that take long: `cargo xtask test --full`.
    mod full {
        use crate::examples::assert_scenarios_pass;

        #[tokio::test(flavor = "multi_thread")]
        async fn plugin_passes_its_scenarios_with_faults() {
            assert_scenarios_pass("plugins/esign", 8).await;
        }
    }
}

mod journey {
    use super::assert_scenarios_pass_calmly;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass_calmly("plugins/journey", 18).await;
    }

    /// Tests that take long: `cargo xtask test --full`.
    mod full {
        use crate::examples::assert_scenarios_pass;

        #[tokio::test(flavor = "multi_thread")]
        async fn plugin_passes_its_scenarios_with_faults() {
            assert_scenarios_pass("plugins/journey", 18).await;
        }
    }
}

mod kb {
    use super::assert_scenarios_pass_calmly;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass_calmly("plugins/knowledge-base", 12).await;
    }

    /// Tests that take long: `cargo xtask test --full`.
    mod full {
        use crate::examples::assert_scenarios_pass;

        #[tokio::test(flavor = "multi_thread")]
        async fn plugin_passes_its_scenarios_with_faults() {
            assert_scenarios_pass("plugins/knowledge-base", 12).await;
        }
    }
}

mod portal {
    use super::assert_scenarios_pass_calmly;

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_passes_its_scenarios() {
        assert_scenarios_pass_calmly("plugins/portal", 10).await;
    }

    /// Tests that take long: `cargo xtask test --full`.
    mod full {
        use crate::examples::assert_scenarios_pass;

        #[tokio::test(flavor = "multi_thread")]
        async fn plugin_passes_its_scenarios_with_faults() {
            assert_scenarios_pass("plugins/portal", 10).await;
        }
    }
}
