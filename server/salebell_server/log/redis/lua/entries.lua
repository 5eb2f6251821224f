-- The events after an offset.
--
-- KEYS  meta log
-- ARGV  epoch, offset, most of them
-- gives {epoch, first, top}, and the entries unless they are not in this log
local epoch, first, top = unpack(redis.call('HMGET', KEYS[1], 'epoch', 'first', 'top'))
local after = tonumber(ARGV[2])
local here = epoch == ARGV[1] and after + 1 >= tonumber(first) and after <= tonumber(top)
local head = {epoch, first, top}
if not here then
  return {head}
end
return {head, redis.call('XRANGE', KEYS[2], string.format('%.0f', after + 1), '+', 'COUNT', ARGV[3])}
