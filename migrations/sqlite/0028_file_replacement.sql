-- Changing a file that is there (its bytes, its name, its texts) is an action of its own, `replace`, and no longer part of `upload`. Roles and custom
-- API tokens that may upload and delete files get it: they can remove any of these files anyway. Everybody else has to be given it.
INSERT INTO cairn_permissions (role, subject, action, condition, fields)
SELECT u.role, u.subject, 'replace', u.condition, u.fields FROM cairn_permissions u
WHERE u.subject = 'plugin::upload.file' AND u.action = 'upload' AND EXISTS (
  SELECT 1 FROM cairn_permissions d WHERE d.role = u.role AND d.subject = u.subject AND d.action = 'destroy'
    AND (d.condition IS NULL OR d.condition = u.condition))
ON CONFLICT DO NOTHING;

UPDATE cairn_api_tokens SET permissions = json_insert(permissions, '$[#]', (
  SELECT json_set(u.value, '$.action', 'replace') FROM json_each(permissions) u
  WHERE u.value ->> 'subject' = 'plugin::upload.file' AND u.value ->> 'action' = 'upload' LIMIT 1))
WHERE permissions IS NOT NULL AND EXISTS (
  SELECT 1 FROM json_each(permissions) u, json_each(permissions) d
  WHERE u.value ->> 'subject' = 'plugin::upload.file' AND u.value ->> 'action' = 'upload'
    AND d.value ->> 'subject' = 'plugin::upload.file' AND d.value ->> 'action' = 'destroy'
    AND (d.value -> 'condition' IS NULL OR d.value -> 'condition' = u.value -> 'condition'))
AND NOT EXISTS (
  SELECT 1 FROM json_each(permissions) r
  WHERE r.value ->> 'subject' = 'plugin::upload.file' AND r.value ->> 'action' = 'replace');
