-- Begins a database, with the keys and accounts of another one, if nobody else did since it was looked at. What has
-- come into it meanwhile wins.
--
-- KEYS  meta keys keys:by-hash accounts accounts:by-email signing-keys
-- ARGV  id that was seen, or ""; new id; schema; id of the database that it replaces, or ""; how many signing keys are
--       kept; how many keys, accounts and signing keys follow; of each key: name, hash, key; of each account: uid,
--       email_key, account; then the signing keys, newest first
-- gives the id of the database as it is then
local meta, keys, by_hash, accounts, by_email, signing_keys = unpack(KEYS)
local seen, id, schema, replaces, most, key_count, account_count, signing_key_count = unpack(ARGV, 1, 8)

local there = redis.call('HGET', meta, 'id') or ''
if there ~= seen then
  return there
end

-- What another program has put under a key is noticed before anything is written: a script is not undone.
for _, key in ipairs({keys, by_hash, accounts, by_email}) do
  redis.call('HLEN', key)
end
local known = {}
for _, key in ipairs(redis.call('LRANGE', signing_keys, 0, -1)) do
  known[key] = true
end

redis.call('HSET', meta, 'id', id, 'schema', schema, 'replaces', replaces)
local next = 9
for _ = 1, key_count do
  local name, hash, key = unpack(ARGV, next, next + 2)
  if redis.call('HSETNX', keys, name, hash) == 1 then
    redis.call('HSET', by_hash, hash, key)
  end
  next = next + 3
end
for _ = 1, account_count do
  local uid, email_key, account = unpack(ARGV, next, next + 2)
  if redis.call('HSETNX', by_email, email_key, uid) == 1 then
    redis.call('HSET', accounts, uid, account)
  end
  next = next + 3
end
for _ = 1, signing_key_count do
  if not known[ARGV[next]] then
    redis.call('RPUSH', signing_keys, ARGV[next])
  end
  next = next + 1
end
redis.call('LTRIM', signing_keys, 0, most - 1)
return id
