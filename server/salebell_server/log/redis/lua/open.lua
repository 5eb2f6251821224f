-- What a socket starts from. A store that has not begun begins, and an admin without a cursor gets one.
--
-- KEYS  meta log latest cursors
-- ARGV  epoch for a store that begins, admin, epoch and offset to resume from (both "" without), most events to replay
-- gives epoch, top, last id, count, seen, and the id of the event at the offset to resume from: "" at 0, nil where it
--       is not known any more or too far behind
local meta, log, latest, cursors = unpack(KEYS)
local new_epoch, admin, resume_epoch, resume_offset, most = unpack(ARGV)

local epoch, top, last, first = begin(meta, new_epoch)

local seen = redis.call('HGET', cursors, admin)
if not seen then
  local another = resume_epoch ~= '' and resume_epoch ~= epoch
  seen = another and '0' or top
  redis.call('HSET', cursors, admin, seen)
end

local id = false
if resume_epoch == epoch then
  local missed = top - resume_offset
  if missed == 0 then
    id = last
  elseif missed > 0 and missed <= tonumber(most) and resume_offset + 1 >= tonumber(first) then
    -- The event itself may be trimmed: the one after it knows.
    local after = string.format('%.0f', resume_offset + 1)
    local entry = redis.call('XRANGE', log, after, after)[1]
    id = entry and entry[2][4] or false
  end
end
return {epoch, top, last, redis.call('ZCOUNT', latest, '(' .. seen, '+inf'), seen, id}
