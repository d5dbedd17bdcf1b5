-- wrk script: POST the lines of $BODIES in turn; each thread starts elsewhere among them.
-- Ends with one line of JSON.
local threads = 0
function setup(thread)
  thread:set("first", threads * 503)
  threads = threads + 1
end

local requests, at = {}, 0
function init(args)
  for line in io.lines(os.getenv("BODIES")) do
    requests[#requests + 1] =
      wrk.format("POST", "/predict", { ["Content-Type"] = "application/json" }, line)
  end
  at = first
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"rps": %.1f, "p50": %.0f, "p99": %.0f, "p99.9": %.0f, "requests": %d, "errors": %d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50), latency:percentile(99),
    latency:percentile(99.9), summary.requests,
    e.status + e.connect + e.read + e.write + e.timeout))
end
