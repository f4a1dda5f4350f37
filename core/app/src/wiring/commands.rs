//! Plugins of a tenant for commands, as long as they run. A server may run beside them: nothing of it is taken over.

use super::{ABANDONED_UPLOAD_AGE, OperatorError, ProcessContext};
use crate::personal_data::PersonalData;
use crate::plugins::PluginManager;
use crate::tenant::TenantDeclaration;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_events::{Engine, EngineSetup};
use cairn_notify::Notifier;
use cairn_plugin_host::{FileStore, OutboundHttp, Plugins};
use std::sync::Arc;

impl ProcessContext {
    /// The plugins of a tenant for steps of their lives that a command takes: none of them runs.
    pub fn plugins_once(&self, access: &AccessControl) -> Arc<Plugins> {
        let plugins = Plugins::new(self.plugin_host.clone());
        let content = self.build_content(access, &plugins);
        plugins.set_host_context(cairn_plugin_host::HostContext::new(content, access.clone()));
        plugins
    }

    /// The content of a tenant, as no plugin has a say in it.
    pub fn content_once(&self, access: &AccessControl) -> Content {
        // The plugins are dropped right away, so that their hooks have no effect.
        self.build_content(access, &Plugins::new(self.plugin_host.clone()))
    }

    /// The plugins of a tenant as a server runs them, and an engine that has their jobs and subscriptions alone and begins nothing by
    /// itself: for a command that has one of them called. `name`: of the tenant.
    pub async fn plugins_working(
        &self,
        name: &str,
        access: &AccessControl,
    ) -> Result<(PluginManager, Arc<Engine>), OperatorError> {
        let (plugin_manager, engine, _) = self.tenant_working(name, access).await?;
        Ok((plugin_manager, engine))
    }

    /// As [`Self::plugins_working`], with the personal data of the tenant.
    pub async fn personal_data_working(
        &self,
        name: &str,
        access: &AccessControl,
    ) -> Result<(PluginManager, PersonalData), OperatorError> {
        let (plugin_manager, _, personal_data) = self.tenant_working(name, access).await?;
        Ok((plugin_manager, personal_data))
    }

    async fn tenant_working(
        &self,
        name: &str,
        access: &AccessControl,
    ) -> Result<(PluginManager, Arc<Engine>, PersonalData), OperatorError> {
        let (uploads, config) = (self.upload_storage(name)?, self.config.clone());
        let before = (self.clock.now() - ABANDONED_UPLOAD_AGE).into();
        let opened = tokio::task::spawn_blocking(move || uploads.open(&config, before));
        let assets = opened.await.map_err(|e| OperatorError(e.to_string()))??;
        let plugins = Plugins::new(self.plugin_host.clone());
        let content = self.build_content(access, &plugins);
        let site = {
            let (tenant, config, own) = (name.to_owned(), self.config.clone(), access.clone());
            let declared = Arc::<TenantDeclaration>::default();
            move || crate::tenant::mail_site(&tenant, &config, &declared, &own)
        };
        let of_site = site.clone();
        let files = FileStore::new(assets, self.config.assets.max_bytes, move || of_site().url);
        let notifier = Notifier::new(name.into(), access.clone(), self.build_mailer()?, site);
        let host_context = cairn_plugin_host::HostContext::new(content.clone(), access.clone());
        let host_context =
            host_context.with_outbound(OutboundHttp::new(self.config.plugins.outbound_guard()?)).with_files(files);
        plugins.set_host_context(host_context.with_notifier(notifier));
        let engine = Engine::new(EngineSetup {
            store: content.store().clone(),
            clock: self.clock.clone(),
            subscribers: Vec::new(),
            handlers: Vec::new(),
            node: format!("command:{:016x}", rand::random::<u64>()),
            quiet: Vec::new(),
        });
        let personal_data = PersonalData::new(content.clone(), access.clone(), &plugins);
        let plugin_manager = PluginManager::new(plugins, &self.config, name);
        let followed = plugin_manager.follow_changes(content.store(), &engine).await;
        followed.map_err(|e| OperatorError(format!("the plugins of {name}: {e}")))?;
        Ok((plugin_manager, engine, personal_data))
    }
}
