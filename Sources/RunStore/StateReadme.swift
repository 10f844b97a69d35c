/// What the state folder says about itself.
let stateReadme = """
    This folder is Linecook's memory. Everything in it is meant to be read with ls, cat and jq.
    Don't edit files here while Linecook runs; use `linecook retry`, `cancel` and the like.

    service.json            the daemon: pid, start, version, workflows in force, last tick of each,
                            what waits and why, problems
    ticks.json              how far each cron schedule has come; written before Linear is asked
    breaker.json            which attempts failed just now, whether that stops all starts, and which providers asked
                            for a break
    open/FRE-69.json        one small file for each ticket that isn't at rest (start-up reads only these)
    runs/FRE-69/1/          one run of one ticket
        run.json            what happened, from top to bottom: the verdict first
        workflow.yml        a copy of the workflow as it was when the run was started
        workflow.json       the same, as it was understood
        attempt-1/          everything to understand an attempt, or to repeat it by hand
            job.json            what the attempt was told to do
            process.json        its processes, with their start times
            hooks.json          which of the team's hooks have run, and which one is still due
            prompt.md           what the agent was told
            agent.jsonl         what the agent's program wrote (standard output)
            agent.stderr.log    … and its errors
            events.jsonl        what happened in the attempt, one fact a line
            verify-build.log    the output of each verification step
            *.log.gz, *.jsonl.gz  what was compressed later: read it with gzip -dc, or `linecook logs`
            changes.diff        what the branch holds over its base
            result.json         how the attempt ended; written last
            rerun.sh            repeats the agent's call by hand
    runs/FRE-69/latest      a link to the newest run
    batches/portfolio-1.json  the tickets that were taken up together: plan, phases, times
    report.html             what `linecook report` drew last
    history/2026-11.jsonl   one line for each finished run; `linecook runs reindex` makes it anew
    pruned.json             when old runs and logs were last pruned; prune.json is there while that is done
    forge/pulls/1.json      the local forge's pull requests
    prompts/                what `linecook prompts` wrote last, to tell your edits from changes in Linear
    verify/                 the logs of the last `linecook verify`
    repositories/           clones of the repositories that workflows name by 'url'
    cache/                  may be deleted at any time
    requests/               what `linecook retry`, `cancel` and `pause` ask of a running daemon

    Times are RFC 3339 in UTC, durations are seconds, money is USD. A file that can't be read is set
    aside as NAME.broken-TIME and named in `linecook status`; it's never deleted.

    """
