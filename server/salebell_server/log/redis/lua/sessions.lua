-- Where a session stands among those of its account.
local function member_of(uid, id)
  return uid .. '\0' .. id
end

-- The ids of an account's sessions. Raises if another program's lies under one of the keys.
local function sessions_of(sessions, uid)
  redis.call('HLEN', sessions.families)
  redis.call('ZCARD', sessions.used)
  local ids = redis.call('ZRANGEBYLEX', sessions.by_account, '[' .. uid .. '\0', '(' .. uid .. '\1')
  for place, member in ipairs(ids) do
    ids[place] = string.sub(member, #uid + 2)
  end
  return ids
end

local function put_session(sessions, uid, id, used_at, family)
  redis.call('HSET', sessions.families, id, family)
  redis.call('ZADD', sessions.used, used_at, id)
  redis.call('ZADD', sessions.by_account, 0, member_of(uid, id))
end

local function end_session(sessions, uid, id)
  redis.call('HDEL', sessions.families, id)
  redis.call('ZREM', sessions.used, id)
  redis.call('ZREM', sessions.by_account, member_of(uid, id))
end
