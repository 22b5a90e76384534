-- The engine notes a cancel in the transaction that records it, for the tenant that it names there. It can append and nothing else:
-- neither read nor change what is in the log.
grant execute on function audit_append(uuid, uuid, text, text, text, text, text, text, jsonb) to temponest_engine;
