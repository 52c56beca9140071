-- Visitors for wrk, each taking one whole action after the other: the page, who, the letter, its press, the receipt.
-- Run with as many threads as connections: a thread is one browser, which is another visitor for each action.
-- Arguments after "--": milliseconds from one visitor's beginning to the next's (0: at once), then ZIP codes.

local ffi = require("ffi")
ffi.cdef [[
typedef struct { long seconds; long nanoseconds; } moment;
int clock_gettime(int clock, moment *now);
]]

local PAGE = "/campaigns/ab969"
local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"', ["#34"] = '"', ["#39"] = "'", ["#13"] = "\r", ["#10"] = "\n" }
local browsers = {}

function setup(thread)
   thread:set("id", #browsers)
   table.insert(browsers, thread)
end

local function now()
   local at = ffi.new("moment")
   ffi.C.clock_gettime(1, at)
   return tonumber(at.seconds) * 1000 + tonumber(at.nanoseconds) / 1000000
end

local function unescape(text)
   return (text:gsub("&(#?%w+);", function(name) return ENTITIES[name] end))
end

local function escape(text)
   return (text:gsub("[^%w%-_%.~]", function(sign) return string.format("%%%02X", sign:byte()) end))
end

-- What stands in the page's form, as far as nobody has to tick it.
local function fields_of(body)
   local fields = {}
   for tag in body:gmatch("<input[^>]*>") do
      local name = tag:match('name="([^"]+)"')
      if name and not tag:match('type="checkbox"') and not tag:match('type="radio"') then
         fields[name] = unescape(tag:match('value="([^"]*)"') or "")
      end
   end
   for open, text in body:gmatch("<textarea([^>]*)>(.-)</textarea>") do
      fields[open:match('name="([^"]+)"')] = unescape((text:gsub("^\r?\n", "")))
   end
   return fields
end

local function encoded(fields)
   local parts = {}
   for name, value in pairs(fields) do table.insert(parts, escape(name) .. "=" .. escape(value)) end
   return table.concat(parts, "&")
end

-- Of a flood: after which step a visitor leaves, and from how many addresses they come (none: each from another).
local LAST = tonumber(os.getenv("FLOOD_STEPS") or 5)
local ADDRESSES = tonumber(os.getenv("FLOOD_ADDRESSES") or 0)

local function address()
   local one = ADDRESSES > 0 and (id * 7919 + number) % ADDRESSES or id % 250 * 62500 + number % 62500
   return string.format("10.%d.%d.%d", math.floor(one / 62500), math.floor(one / 250) % 250, one % 250)
end

local function begin()
   step, cookie, path, form, number = 1, nil, PAGE, nil, number + 1
   name = string.format("Mai Example %d %d", id, number)
end

function init(arguments)
   pace, zips = tonumber(arguments[1]), {}
   for place = 2, #arguments do table.insert(zips, arguments[place]) end
   math.randomseed(id * 7919 + 17)
   number, actions, lost, next_begin = 0, 0, 0, now() + math.random() * pace
   notes = {}  -- of each answer: its step, or what else it was, and milliseconds
   begin()
end

-- wrk hands only plain values from a thread to `done`: what it asks for under this name is made then.
setmetatable(_G, { __index = function(_, name)
   if name == "noted" then return table.concat(notes, "\n") end
end })

local function note(kind, took)
   table.insert(notes, string.format("%s %.1f", kind, took))
end

function delay()
   if step > 1 or pace == 0 then return 0 end
   local wait = math.max(0, next_begin - now())
   next_begin = math.max(next_begin + pace, now() - pace)
   return math.floor(wait)
end

function request()
   local headers = {
      ["Host"] = "127.0.0.1",
      ["Connection"] = "close",  -- as a proxy in front does it
      ["X-Forwarded-For"] = address(),
      ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      ["Accept-Language"] = "en-US,en;q=0.5",
   }
   if cookie then headers["Cookie"] = cookie end
   if form then headers["Content-Type"] = "application/x-www-form-urlencoded" end
   asked_at = now()
   return wrk.format(form and "POST" or "GET", path, headers, form)
end

local function header(headers, wanted)
   for name, value in pairs(headers) do
      if name:lower() == wanted then return value end
   end
end

local function other(status, took)
   note(string.format("other:%d:%d", step, status), took)
   begin()
end

function response(status, headers, body)
   local took = now() - asked_at
   cookie = (header(headers, "set-cookie") or cookie or ""):match("^[^;]+")
   if status == 503 then
      note("told", took)
      if step == 2 and not (header(headers, "retry-after") and body:find(name, 1, true)) then lost = lost + 1 end
      return begin()
   end
   local location = (header(headers, "location") or ""):gsub("^https?://[^/]+", ""):gsub("#.*$", "")
   local wanted = (step == 2 or step == 4) and 303 or 200
   if status ~= wanted then return other(status, took) end
   if step == 2 and not location:find("/letter$") then return begin() end  -- a ZIP code that asks for more
   if step == 4 and not location:find("/receipts/", 1, true) then return other(status, took) end
   note(step, took)
   if step == LAST then return begin() end
   if step == 1 then
      local fields = fields_of(body)
      fields.name, fields.email = name, string.format("mai.%d.%d@example.org", id, number)
      fields.zip, fields.city = zips[math.random(#zips)], "Madison"
      form = encoded(fields)
   elseif step == 2 then
      path, form = location, nil
   elseif step == 3 then
      local fields = fields_of(body)
      fields.personal, fields.consent, fields.go = "My children go to school here.", "y", "send"
      form = encoded(fields)
   elseif step == 4 then
      actions, path, form = actions + 1, location, nil
   end
   step = step + 1
end

local function percentile(sorted, share)
   if #sorted == 0 then return "null" end
   return string.format("%.1f", sorted[math.max(1, math.ceil(#sorted * share))])
end

local function summary_of(all)
   table.sort(all)
   return string.format('{"count": %d, "p50": %s, "p99": %s, "most": %s}', #all, percentile(all, 0.5),
      percentile(all, 0.99), percentile(all, 1))
end

function done(summary, _latency, _requests)
   local actions, lost, by_kind = 0, 0, { ["1"] = {}, ["2"] = {}, ["3"] = {}, ["4"] = {}, ["5"] = {}, told = {} }
   for _, browser in ipairs(browsers) do
      actions, lost = actions + browser:get("actions"), lost + browser:get("lost")
      for kind, took in browser:get("noted"):gmatch("(%S+) (%S+)") do
         by_kind[kind] = by_kind[kind] or {}
         table.insert(by_kind[kind], tonumber(took))
      end
   end
   local steps, others = {}, {}
   for step = 1, 5 do table.insert(steps, summary_of(by_kind[tostring(step)])) end
   for kind, all in pairs(by_kind) do
      if kind:find("^other:") then table.insert(others, string.format('"%s": %d', kind:sub(7), #all)) end
   end
   local errors = summary.errors
   print(string.format('{"seconds": %.3f, "actions": %d, "steps": [%s], "told": %s, "lost": %d, "others": {%s}, "errors": %d}',
      summary.duration / 1000000, actions, table.concat(steps, ", "), summary_of(by_kind.told), lost,
      table.concat(others, ", "), errors.connect + errors.read + errors.write + errors.timeout))
end
