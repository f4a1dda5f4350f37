-- Whether what is uploaded into a folder keeps its metadata (EXIF, XMP, IPTC); NULL: as the folder that it is in.
ALTER TABLE cairn_asset_folders ADD COLUMN keeps_metadata BOOLEAN;
