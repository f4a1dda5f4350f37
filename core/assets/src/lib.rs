//! Uploaded files: where their bytes lie, how they are named, what they are, and the smaller pictures made of them.
//!
//! The way in is [`prepare`] and [`Object::put`], the way out [`BlobStore::open`] together with [`serve_headers`]; [`transform`] makes other
//! pictures of a stored one, as a [`Transform`] from a URL says, and [`Derived`] keeps them. Everything here but
//! [`Derived::get`] blocks (disk, pixels, an object store) and is called from a blocking pool; nothing here knows Cairn's
//! HTTP, SQL, the content model or rights.
//!
//! Three rules hold the crate together. A blob can be reached by a [`Key`] only, and a key that leaves its folder cannot
//! be made. No picture is decoded before its header has been checked and the memory for it has been reserved. And no original is
//! hashed, and thereby named, before what it says of people has left it.

mod arrival;
mod blob;
mod derived;
mod encrypted;
mod error;
mod folder;
mod image;
mod media;
mod metadata;
mod mime;
mod name;
mod s3;
mod serve;
mod transform;
mod upload;

pub use arrival::Arrival;
pub use blob::{Blob, BlobStore, Key, Listed, Range, Source};
pub use derived::{Derived, Fetched, Made};
pub use encrypted::{Encrypted, Keys};
pub use error::AssetError;
pub use folder::{Folder, STAGED};
pub use image::{MAX_PIXELS, Transformed, transform};
pub use media::{Document, Facts, Helper, document_helper, facts, limited, poster};
pub use metadata::MetadataPolicy;
pub use mime::{content_type_of_extension, kind};
pub use name::url;
pub use s3::{Presigned, S3, S3Options, Sse};
pub use serve::{ServeHeaders, serve_headers};
pub use transform::{Crop, Fit, Focal, Format, Fraction, MAX_SIDE, Transform, TransformError, srcset_widths};
pub use upload::{Incoming, Limits, Object, POSTER, Prepared, Replaced, StoredFile, Tools, prepare};
