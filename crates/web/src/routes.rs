//! A router that can say where it leads.

use axum::Router;
use axum::routing::MethodRouter;

/// Like [`Router`], and keeps the paths, so that a test can ask whether each of them is guarded.
#[derive(Debug, Clone)]
pub struct Routes<S> {
    router: Router<S>,
    paths: Vec<&'static str>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes.
    pub fn new() -> Self {
        Self {
            router: Router::new(),
            paths: Vec::new(),
        }
    }

    /// With a path, in the form of [`Router::route`].
    #[must_use]
    pub fn route(mut self, path: &'static str, methods: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, methods);
        self.paths.push(path);
        self
    }

    /// With all of the others.
    #[must_use]
    pub fn merge(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        self.paths.extend(others.paths);
        self
    }

    /// All paths, each once, in the order in which they were added.
    pub fn paths(&self) -> Vec<&'static str> {
        let mut paths = Vec::with_capacity(self.paths.len());
        for path in &self.paths {
            if !paths.contains(path) {
                paths.push(*path);
            }
        }
        paths
    }

    /// The router itself.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};

    use super::*;

    #[test]
    fn it_knows_every_path_once() {
        let others = Routes::<()>::new().route("/b/{id}", get(|| async {}));
        let routes = Routes::new()
            .route("/a", get(|| async {}))
            .route("/a", post(|| async {}))
            .merge(others);
        assert_eq!(routes.paths(), ["/a", "/b/{id}"]);
    }
}
