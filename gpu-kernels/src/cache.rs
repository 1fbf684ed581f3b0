//! Compiled kernels on disk, where the driver gives them out: Vulkan.
//!
//! A file is the digest of what follows, then the driver's bytes. One that is cut off or changed is
//! left aside; one of another driver is refused by the driver. What is in it is run: it is trusted
//! as this program is, and lies in the user's own folder.

use std::fs;
use std::path::{Path, PathBuf};

use wgpu::{Device, Features, PipelineCache, PipelineCacheDescriptor};

/// Bytes of a digest.
const DIGEST: usize = 32;

/// Kernels that were compiled, and where they are kept.
pub(crate) struct Kept {
    cache: PipelineCache,
    path: PathBuf,
}

/// The feature that this needs, if the adapter has it.
pub(crate) fn feature(has: Features) -> Features {
    has & Features::PIPELINE_CACHE
}

impl Kept {
    /// What is kept in a folder for an adapter, if its driver gives kernels out.
    pub(crate) fn open(device: &Device, info: &wgpu::AdapterInfo, folder: &Path) -> Option<Self> {
        if !device.features().contains(Features::PIPELINE_CACHE) {
            return None;
        }
        let path = folder.join(wgpu::util::pipeline_cache_key(info)?);
        let file = fs::read(&path).unwrap_or_default();
        let data = file
            .split_at_checked(DIGEST)
            .filter(|(digest, data)| *digest == blake3::hash(data).as_bytes().as_slice())
            .map(|(_, data)| data);
        let descriptor = PipelineCacheDescriptor { label: None, data, fallback: true };
        // SAFETY: the bytes are those that `PipelineCache::get_data` gave, as far as a digest in
        // the user's own folder tells.
        let cache = unsafe { device.create_pipeline_cache(&descriptor) };
        Some(Self { cache, path })
    }

    pub(crate) const fn cache(&self) -> &PipelineCache {
        &self.cache
    }

    /// Writes what is compiled now. If that fails, the next run compiles again.
    pub(crate) fn save(&self) {
        let Some(data) = self.cache.get_data() else { return };
        let file = [blake3::hash(&data).as_bytes().as_slice(), &data].concat();
        let unfinished = self.path.with_extension(format!("{}.part", std::process::id()));
        let folder = self.path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| fs::write(&unfinished, file)).and_then(|()| fs::rename(&unfinished, &self.path));
        if let Err(error) = written {
            tracing::debug!("kernels are not kept in {}: {error}", self.path.display());
            // It may not be there.
            let _ = fs::remove_file(&unfinished);
        }
    }
}
