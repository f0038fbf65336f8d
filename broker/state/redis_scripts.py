"""What Redis decides, each in one atomic script; times are milliseconds unless they say otherwise.

Invariant: each script may run twice with the same token and leave what one run leaves, so that a call whose answer was
lost can be sent again.

A value is a hash: `version`, `sealed`, `purge` (hours) and, while somebody works on it, `leased_by` and `leased_until`
(a lease, in seconds of the hub's clock) or `held_by` and `held_until` (a unit of work under way, in Redis's own time).
`held_by` stays when the value has been replaced, with `held_until` 0: it names who wrote this version. A token is for
one value only, so that no two values tell that they were written together.
"""

from __future__ import annotations

from typing import Final

TAKEN: Final = 1
STALE: Final = 0
BUSY: Final = -1

_CLOCK: Final = """
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
"""

CLAIM: Final = f"""
{_CLOCK}
local expected, token, now, lapses = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local found = redis.call('HMGET', KEYS[1], 'version', 'leased_by', 'leased_until', 'held_by', 'held_until')
if found[1] ~= expected then return {STALE} end
if found[2] and found[2] ~= token and tonumber(found[3]) > now then return {STALE} end
if found[4] and found[4] ~= token and tonumber(found[5]) > clock() then return {STALE} end
redis.call('HSET', KEYS[1], 'leased_by', token, 'leased_until', lapses)
return {TAKEN}
"""
"""KEYS: the value. ARGV: expected version, token, now, when the lease lapses."""

HOLD: Final = f"""
{_CLOCK}
local token, now = ARGV[1], clock()
local found = redis.call('HMGET', KEYS[1], 'version', 'sealed', 'purge', 'held_by', 'held_until')
if not found[1] then return {STALE} end
if found[4] and found[4] ~= token and tonumber(found[5]) > now then return {BUSY} end
redis.call('HSET', KEYS[1], 'held_by', token, 'held_until', now + tonumber(ARGV[2]))
return {{found[1], found[2], found[3]}}
"""
"""KEYS: the value. ARGV: token, how long the hold lasts. Gives version, sealed value and purge hour."""

PUT: Final = "put"
REPLACE: Final = "replace"
DELETE: Final = "delete"
RELEASE: Final = "release"

COMMIT: Final = f"""
local function line(number)
  local at = (number - 1) * 6
  return ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], ARGV[at + 6]
end
for number, key in ipairs(KEYS) do
  local action, token, version = line(number)
  if action == '{REPLACE}' then
    local found = redis.call('HMGET', key, 'version', 'held_by')
    local ours = found[2] == token and (found[1] == version or tonumber(found[1]) + 1 == tonumber(version))
    if not ours then return {STALE} end
  end
end
for number, key in ipairs(KEYS) do
  local action, token, version, sealed, purge, lapses = line(number)
  if action == '{RELEASE}' then
    if redis.call('HGET', key, 'held_by') == token then redis.call('HDEL', key, 'held_by', 'held_until') end
  else
    redis.call('DEL', key)
  end
  if action == '{PUT}' or action == '{REPLACE}' then
    redis.call('HSET', key, 'version', version, 'sealed', sealed, 'purge', purge)
    redis.call('PEXPIREAT', key, lapses)
  end
  if action == '{REPLACE}' then redis.call('HSET', key, 'held_by', token, 'held_until', 0) end
end
return {TAKEN}
"""
"""KEYS: the values. ARGV, for each: what to do, token, new version, sealed value, purge hour, expiry."""

ABANDON: Final = """
for number, key in ipairs(KEYS) do
  local found = redis.call('HMGET', key, 'leased_by', 'held_by', 'held_until')
  if found[1] == ARGV[number] then redis.call('HDEL', key, 'leased_by', 'leased_until') end
  if found[2] == ARGV[number] and found[3] ~= '0' then redis.call('HDEL', key, 'held_by', 'held_until') end
end
"""
"""KEYS: the values. ARGV: their tokens."""
