-- Stores a session of an account that is as it was seen. The ones used longest ago make room for it.
--
-- KEYS  accounts families families:used families:by-account
-- ARGV  uid, the valid_after that was seen, id, used at, family (JSON), most sessions of an account
-- gives 1, or 0 if the account has changed
local accounts = KEYS[1]
local sessions = {families = KEYS[2], used = KEYS[3], by_account = KEYS[4]}
local uid, valid_after, id, used_at, family, most = unpack(ARGV)

local account = redis.call('HGET', accounts, uid)
if not account or cjson.decode(account).valid_after ~= tonumber(valid_after) then
  return 0
end

local others = {}
for _, other in ipairs(sessions_of(sessions, uid)) do
  if other ~= id then
    others[#others + 1] = other
  end
end
local too_many = #others - most + 1
if too_many > 0 then
  local used = {}
  for _, other in ipairs(others) do
    used[other] = tonumber(redis.call('ZSCORE', sessions.used, other))
  end
  table.sort(others, function(one, another) return used[one] < used[another] end)
  for place = 1, too_many do
    end_session(sessions, uid, others[place])
  end
end
put_session(sessions, uid, id, used_at, family)
return 1
