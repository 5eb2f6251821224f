-- Retained events of one sale, newest first: along the chain that its event ids are.
--
-- KEYS  meta log ids sales
-- ARGV  sale id, id of the event to begin with ("" for the sale's last), most of them
-- gives the id to go on with, or nil at the end; and the events
local meta, log, ids, sales = unpack(KEYS)
local event_id, most = ARGV[2], tonumber(ARGV[3])

if event_id == '' then
  local record = redis.call('HGET', sales, ARGV[1])
  if not record then
    return {false, {}}
  end
  event_id = string.match(record, '^%d+\n%d+\n([^\n]*)')
end
local first = tonumber(redis.call('HGET', meta, 'first'))
local events = {}
while event_id ~= '' and #events < most do
  local known = redis.call('HGET', ids, event_id)
  if not known then
    return {false, events}
  end
  local offset, before = string.match(known, '^(%d+)\n([^\n]*)')
  if tonumber(offset) < first then
    return {false, events}
  end
  events[#events + 1] = redis.call('XRANGE', log, offset, offset)[1][2][8]
  event_id = before
end
return {event_id ~= '' and event_id, events}
