-- Gives an event its place, or says why it gets none. All of it or nothing.
--
-- KEYS  meta log ids sales created latest touched
-- ARGV  channel, epoch for a store that begins, event id, "1" if it rings (SALE_CREATED), recorded, digest, event (JSON),
--       sale id, expected version, "1" if it sets the status, place in `created`, sale (JSON)
-- gives the offset; or {offset, digest} of an event with that id; or "stale"
local meta, log, ids, sales, created, latest, touched = unpack(KEYS)
local channel, new_epoch, event_id, rings, recorded, digest, event = unpack(ARGV, 1, 7)
local sale_id, expected, sets_status, place, sale = unpack(ARGV, 8)

local known = redis.call('HGET', ids, event_id)
if known then
  local offset, known_digest = string.match(known, '^(%d+)\n[^\n]*\n(.*)$')
  return {offset, known_digest}
end

local version, before, status_offset, status_event, old_place = 0, '0'
local last_of_sale = ''
local record = redis.call('HGET', sales, sale_id)
if record then
  local pattern = '^(%d+)\n%d+\n([^\n]*)\n(%d+)\n(%d+)\n([^\n]*)\n(%d+)\n'
  version, last_of_sale, before, status_offset, status_event, old_place = string.match(record, pattern)
end
if version + 0 ~= tonumber(expected) then
  return 'stale'
end

-- What another program has put under a key is noticed before anything is written: a script is not undone.
for _, key in ipairs({created, latest, touched}) do
  redis.call('ZCARD', key)
end

local epoch, top, previous, _, change = begin(meta, new_epoch)
local offset = string.format('%.0f', top + 1)
change = string.format('%.0f', change + 1)

-- The same bytes as `codec.confirmed`.
event = string.sub(event, 1, -2) .. ',"offset":' .. offset .. ',"previous":"' .. previous .. '"'
if rings == '1' then
  event = event .. ',"created_before":' .. before
end
event = event .. '}'

redis.call('XADD', log, offset .. '-0', 'id', event_id, 'previous', previous, 'recorded', recorded, 'event', event)
redis.call('HSET', meta, 'top', offset, 'last', event_id, 'change', change)
redis.call('HSET', ids, event_id, offset .. '\n' .. last_of_sale .. '\n' .. digest)
if rings == '1' then
  before = offset
  redis.call('ZADD', latest, offset, sale_id)
end
if sets_status == '1' or not record then
  status_offset, status_event = offset, event_id
end
if old_place ~= place then
  if old_place then
    redis.call('ZREM', created, old_place .. sale_id)
  end
  redis.call('ZADD', created, 0, place .. sale_id)
end
redis.call('ZADD', touched, recorded, sale_id)
local lines = {
  string.format('%.0f', version + 1), offset, event_id, before, status_offset, status_event, place, sale,
}
redis.call('HSET', sales, sale_id, table.concat(lines, '\n'))
redis.call('PUBLISH', channel, table.concat({'E', epoch, change, offset, event_id, previous, event}, '\n'))
return offset
