-- Forgets sales whose last event was recorded too early, with their event ids, and publishes if a count may change.
-- A sale outlives its events: as long as one is retained, its sale is, too.
--
-- KEYS  meta ids sales created latest touched cursors
-- ARGV  channel, forget what was touched earlier than this, how many to pass over (they stay), most of them to look at
-- gives 1 if there may be more to look at, else 0; and how many stay though they are old
local meta, ids, sales, created, latest, touched, cursors = unpack(KEYS)
local channel, before, skip, most = unpack(ARGV)

local epoch, first, change = unpack(redis.call('HMGET', meta, 'epoch', 'first', 'change'))
local least_seen
for _, seen in ipairs(redis.call('HVALS', cursors)) do
  least_seen = math.min(least_seen or seen + 0, seen + 0)
end

local old = redis.call('ZRANGEBYSCORE', touched, '-inf', '(' .. before, 'LIMIT', skip, most)
local more = #old == tonumber(most)
local rows, kept, recount = 0, 0, false
for _, sale_id in ipairs(old) do
  if rows >= tonumber(most) then
    more = true
    break
  end
  local pattern = '^%d+\n(%d+)\n([^\n]*)\n(%d+)\n%d+\n[^\n]*\n(%d+)\n'
  local last_offset, event_id, latest_created, place = string.match(redis.call('HGET', sales, sale_id), pattern)
  if tonumber(last_offset) >= tonumber(first) then
    kept = kept + 1
  else
    while event_id ~= '' do
      local known = redis.call('HGET', ids, event_id)
      redis.call('HDEL', ids, event_id)
      event_id = known and string.match(known, '^%d+\n([^\n]*)') or ''
      rows = rows + 1
    end
    redis.call('HDEL', sales, sale_id)
    redis.call('ZREM', created, place .. sale_id)
    redis.call('ZREM', latest, sale_id)
    redis.call('ZREM', touched, sale_id)
    recount = recount or (least_seen and tonumber(latest_created) > least_seen)
  end
  rows = rows + 1
end
if recount then
  change = string.format('%.0f', change + 1)
  redis.call('HSET', meta, 'change', change)
  redis.call('PUBLISH', channel, table.concat({'R', epoch, change}, '\n'))
end
return {more and 1 or 0, kept}
