//! The file system as Lance sees it: every write is synced before it counts.
//!
//! Lance's own provider for local files never syncs: a power cut in the middle of a commit leaves a manifest of zero bytes,
//! and the table cannot be opened again. This one is registered for `file-object-store`, the scheme with which Lance sends all its
//! input and output through the object store, data files too, and keeps the put-if-absent commit.

use std::collections::HashMap;
use std::sync::Arc;

use lance_io::object_store::{ObjectStore, ObjectStoreParams, ObjectStoreProvider, ObjectStoreRegistry};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use url::Url;

/// The scheme the provider is registered for.
pub(crate) const SCHEME: &str = "file-object-store";

/// Lance's provider of local stores with the file system exchanged for one that syncs files and folders.
#[derive(Debug)]
struct DurableFiles {
    plain: Arc<dyn ObjectStoreProvider>,
}

#[async_trait::async_trait]
impl ObjectStoreProvider for DurableFiles {
    async fn new_store(&self, base_path: Url, params: &ObjectStoreParams) -> lance_core::Result<ObjectStore> {
        let mut store = self.plain.new_store(base_path, params).await?;
        store.inner = Arc::new(LocalFileSystem::new().with_fsync(true));
        Ok(store)
    }

    fn extract_path(&self, url: &Url) -> lance_core::Result<Path> {
        self.plain.extract_path(url)
    }

    fn calculate_object_store_prefix(
        &self,
        url: &Url,
        storage_options: Option<&HashMap<String, String>>,
    ) -> lance_core::Result<String> {
        self.plain.calculate_object_store_prefix(url, storage_options)
    }
}

/// A registry that knows local files only, and those durable: no other scheme can be opened through it.
pub(crate) fn registry() -> Option<ObjectStoreRegistry> {
    let plain = ObjectStoreRegistry::default().get_provider(SCHEME)?;
    let registry = ObjectStoreRegistry::empty();
    registry.insert(SCHEME, Arc::new(DurableFiles { plain }));
    Some(registry)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stores_sync_what_they_write_and_nothing_else_can_be_opened() {
        let registry = registry().unwrap();
        let params = ObjectStoreParams::default();
        let store =
            registry.get_store(Url::parse("file-object-store:///somewhere").unwrap(), &params).await.unwrap();
        let inner = format!("{:?}", store.inner);
        assert!(inner.contains("LocalFileSystem") && inner.contains("fsync: true"), "{inner}");
        for other in ["file:///somewhere", "memory:///", "s3://bucket/x"] {
            assert!(registry.get_store(Url::parse(other).unwrap(), &params).await.is_err(), "{other}");
        }
    }
}
