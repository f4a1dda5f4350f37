//! Routes of the admin API with what describes them. A server answers requests without a description: it is made when somebody asks
//! for the document, and no start pays for it.

use crate::extract::require::AdminHandlerArguments;
use axum::Router;
use axum::handler::Handler;
use axum::routing::MethodRouter;
use utoipa::openapi::path::{HttpMethod, Paths};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::PathItemExt;

// For the macro, in whose callers the crate need not be known.
#[doc(hidden)]
pub use utoipa_axum;

/// The operations of a path and the schemas they refer to.
pub type Description = (Vec<(String, RefOr<Schema>)>, Paths);

/// The handlers of one path, made by [`routes!`].
pub struct PathRoutes {
    path: String,
    handlers: PathHandlers,
    describe: fn() -> Description,
}

impl PathRoutes {
    /// The handlers of `path`, and what describes them.
    pub fn new(path: String, handlers: PathHandlers, describe: fn() -> Description) -> Self {
        Self { path, handlers, describe }
    }
}

/// Handlers of one path, each of which declares its permission in its signature.
#[derive(Default)]
pub struct PathHandlers {
    shared: MethodRouter,
    exclusive: Option<MethodRouter>,
}

impl PathHandlers {
    /// Adds a handler for its methods.
    pub fn add_handler<H, T>(mut self, methods: &[HttpMethod], handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: AdminHandlerArguments + 'static,
    {
        let add = |to: MethodRouter| {
            methods.iter().fold(to, |router, method| router.on(method.to_method_filter(), handler.clone()))
        };
        if T::EXCLUSIVE {
            self.exclusive = Some(add(self.exclusive.unwrap_or_default()));
        } else {
            self.shared = add(self.shared);
        }
        self
    }
}

/// The handler of `GET`.
pub fn get<H, T>(handler: H) -> PathHandlers
where
    H: Handler<T, ()>,
    T: AdminHandlerArguments + 'static,
{
    PathHandlers::default().add_handler(&[HttpMethod::Get], handler)
}

/// The routes of the admin API, by what they wait for.
#[derive(Default)]
pub struct AdminRoutes {
    /// Routes that run beside each other.
    pub shared: Router,
    /// Routes whose handlers take [`ExclusiveTenant`](crate::extract::tenant::ExclusiveTenant).
    pub exclusive: Router,
}

impl AdminRoutes {
    fn route(self, path: &str, handlers: PathHandlers) -> Self {
        let PathHandlers { shared, exclusive } = handlers;
        // Also where it is empty: what answers other methods is there.
        let shared = self.shared.route(path, shared);
        Self { shared, exclusive: exclusive.into_iter().fold(self.exclusive, |router, h| router.route(path, h)) }
    }

    /// Adds other routes.
    pub fn merge(self, other: Self) -> Self {
        Self { shared: self.shared.merge(other.shared), exclusive: self.exclusive.merge(other.exclusive) }
    }
}

/// The handlers of one path, each with `#[utoipa::path]`: `routes!(list, create)`.
#[macro_export]
macro_rules! routes {
    ($($first:ident)::+ $(, $($rest:ident)::+)* $(,)?) => {{
        let handlers = $crate::openapi::router::PathHandlers::default();
        let methods = $crate::openapi::router::utoipa_axum::routes!(@path [methods()] of $($first)::+);
        let handlers = handlers.add_handler(&methods, $($first)::+);
        $(
            let methods = $crate::openapi::router::utoipa_axum::routes!(@path [methods()] of $($rest)::+);
            let handlers = handlers.add_handler(&methods, $($rest)::+);
        )*
        let path = $crate::openapi::router::utoipa_axum::routes!(@path [path()] of $($first)::+);
        $crate::openapi::router::PathRoutes::new(path, handlers, || {
            let (schemas, paths, _): $crate::openapi::router::utoipa_axum::router::UtoipaMethodRouter =
                $crate::openapi::router::utoipa_axum::routes!($($first)::+ $(, $($rest)::+)*);
            (schemas, paths)
        })
    }};
}
/// Routes that belong together: one file of `core/editing-api` or `core/administration-api`, or a part of one.
#[derive(Default)]
pub struct AreaRouter {
    router: AdminRoutes,
    describe: Vec<fn() -> Description>,
}

impl AreaRouter {
    /// Adds the handlers of a path.
    pub fn routes(mut self, routes: PathRoutes) -> Self {
        self.router = self.router.route(&routes.path, routes.handlers);
        self.describe.push(routes.describe);
        self
    }

    /// Adds handlers of a page for people, which is no part of the API: the document says nothing about it, and it requires nobody to be
    /// signed in.
    ///
    /// # Panics
    /// Where the path is below `/admin/api/`; every test that starts a server sees it.
    pub fn page(mut self, path: &str, handlers: MethodRouter) -> Self {
        assert!(!path.starts_with("/admin/api/"), "{path} belongs to the API: its handlers declare their permissions");
        self.router.shared = self.router.shared.route(path, handlers);
        self
    }

    /// Adds another part of the area.
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.describe.extend(other.describe);
        self
    }
}

/// All routes of the admin API.
#[derive(Default)]
pub struct ApiRouter {
    router: AdminRoutes,
    areas: Vec<Area>,
}

/// Part of the document that one area adds.
struct Area {
    /// Prefix of its operations' ids: `area_function`.
    name: &'static str,
    describe: Vec<fn() -> Description>,
}

impl ApiRouter {
    /// Adds routes whose operations are called `name_function` in the document. Areas may share a name.
    pub fn add_area(mut self, name: &'static str, area: AreaRouter) -> Self {
        self.router = self.router.merge(area.router);
        self.areas.push(Area { name, describe: area.describe });
        self
    }

    /// Adds handlers that the document says nothing about.
    pub fn route(mut self, path: &str, handlers: PathHandlers) -> Self {
        self.router = self.router.route(path, handlers);
        self
    }

    /// The routes alone.
    pub fn into_router(self) -> AdminRoutes {
        self.router
    }

    /// The description of all areas.
    ///
    /// # Panics
    /// Where two areas call different schemas by one name; a test sees it.
    pub fn describe(&self) -> OpenApi {
        let mut all = OpenApi::default();
        for area in &self.areas {
            for describe in &area.describe {
                let (schemas, paths) = describe();
                add_schemas(&mut all, area.name, schemas);
                add_paths(&mut all, area.name, paths);
            }
        }
        all
    }
}

fn add_schemas(all: &mut OpenApi, area: &str, schemas: Vec<(String, RefOr<Schema>)>) {
    let known = &mut all.components.get_or_insert_default().schemas;
    for (name, schema) in schemas {
        let same = known.get(&name).is_none_or(|other| *other == schema);
        assert!(same, "{area}: there is another schema called {name}");
        known.insert(name, schema);
    }
}

fn add_paths(all: &mut OpenApi, area: &str, paths: Paths) {
    for (path, mut item) in paths.paths {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head];
        for operation in operations.into_iter().flatten() {
            operation.tags = Some(vec![area.to_owned()]);
        }
        match all.paths.paths.get_mut(&path) {
            Some(path_item) => path_item.merge_operations(item),
            None => {
                all.paths.paths.insert(path, item);
            }
        }
    }
}
