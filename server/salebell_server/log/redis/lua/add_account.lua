-- Stores an account whose address is free.
--
-- KEYS  accounts accounts:by-email
-- ARGV  uid, email_key, account (JSON)
-- gives nil; or the uid of the account that has the address
local accounts, by_email = unpack(KEYS)
local uid, email_key, account = unpack(ARGV)

local taken = redis.call('HGET', by_email, email_key)
if taken then
  return taken
end
redis.call('HLEN', accounts) -- another program's is noticed before anything is written
redis.call('HSET', by_email, email_key, uid)
redis.call('HSET', accounts, uid, account)
return nil
