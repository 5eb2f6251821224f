-- Moves a cursor forward and publishes the count, whether it moved or not.
--
-- KEYS  meta latest cursors
-- ARGV  channel, admin, epoch, offset
-- gives the top if the offset lies beyond it, else nil; another epoch changes nothing
local meta, latest, cursors = unpack(KEYS)
local channel, admin, wanted, offset = unpack(ARGV)

local epoch, top, change = unpack(redis.call('HMGET', meta, 'epoch', 'top', 'change'))
if epoch ~= wanted then
  return false
end
if tonumber(offset) > tonumber(top) then
  return top
end
change = string.format('%.0f', change + 1)
redis.call('HSET', meta, 'change', change)
local seen = redis.call('HGET', cursors, admin)
if not seen or tonumber(offset) > tonumber(seen) then
  seen = offset
  redis.call('HSET', cursors, admin, seen)
end
local count = redis.call('ZCOUNT', latest, '(' .. seen, '+inf')
redis.call('PUBLISH', channel, table.concat({'C', epoch, change, count, seen, top, admin}, '\n'))
return false
