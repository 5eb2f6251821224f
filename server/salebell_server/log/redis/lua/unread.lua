-- An admin's count.
--
-- KEYS  meta latest cursors
-- ARGV  admin
-- gives count, seen, top; without a cursor nothing is unread
local top = redis.call('HGET', KEYS[1], 'top') or '0'
local seen = redis.call('HGET', KEYS[3], ARGV[1])
if not seen then
  return {0, top, top}
end
return {redis.call('ZCOUNT', KEYS[2], '(' .. seen, '+inf'), seen, top}
