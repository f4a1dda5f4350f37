//! Uploaded files: where their bytes lie, how they are named, what they are, and the smaller pictures made of them.
//!
//! The way in is [`prepare_file`] and [`PendingObject::store_in`], the way out [`BlobStore::open`] together with [`serve_headers`];
//! [`render_picture`] makes other pictures of a stored one, as a [`Transform`] from a URL says, and [`RenditionCache`] keeps them.
//! Everything here but [`RenditionCache::get_or_make`] blocks (disk, pixels, an object store) and is called from a blocking pool; nothing
//! here knows Cairn's HTTP, SQL, the content model or rights.
//!
//! Three rules hold the crate together. A blob can be reached by a [`BlobKey`] only, and a key that leaves its folder cannot
//! be made. No picture is decoded before its header has been checked and the memory for it has been reserved. And no original is
//! hashed, and thereby named, before what it says of people has left it.

mod arrival;
mod blob;
mod encrypted_store;
mod error;
mod folder;
mod image;
mod media;
mod metadata;
mod mime;
mod name;
mod renditions;
mod s3;
mod serve;
mod transform;
mod upload;

pub use arrival::Arrival;
pub use blob::{Blob, BlobKey, BlobSource, BlobStore, ByteRange, ListedBlob};
pub use encrypted_store::{EncryptedStore, EncryptionKeys};
pub use error::AssetError;
pub use folder::{FolderStore, STAGED_PREFIX};
pub use image::{EncodedPicture, MAX_PIXELS, render_picture};
pub use media::{
    DocumentFacts, DocumentHelper, MediaFacts, document_helper, limited_program, media_facts, take_poster,
};
pub use metadata::MetadataPolicy;
pub use mime::{content_type_of_extension, file_kind};
pub use name::upload_url;
pub use renditions::{Rendition, RenditionCache, SourceFile};
pub use s3::{PresignedAccess, S3, S3Options, StoreEncryption};
pub use serve::{ServeHeaders, serve_headers};
pub use transform::{Crop, Fit, FocusPoint, Format, Fraction, MAX_SIDE, Transform, TransformError, srcset_widths};
pub use upload::{
    IncomingFile, MediaTools, POSTER_VARIANT, PendingObject, PreparedFile, ReplacedFile, StoredFile, UploadLimits,
    prepare_file,
};
