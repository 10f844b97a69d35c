/// The demo's agent: a shell script that plays one part for each of `DemoTickets`.
///
/// It reads its prompt on standard input and `LINECOOK_TICKET` and `LINECOOK_ATTEMPT_NUMBER` from the
/// environment, prints what it does as lines of JSON, changes the files that its ticket names and commits.
package enum DemoAgent {
    package static let script = #"""
        #!/bin/sh
        # A scripted agent for 'linecook demo': it thinks nothing, but works like one that does.
        set -eu
        key=${LINECOOK_TICKET:?}
        attempt=${LINECOOK_ATTEMPT_NUMBER:?}

        say() { printf '{"event":"message","text":"%s"}\n' "$1"; }

        edit() { printf '{"event":"tool","tool":"Edit","argument":"%s"}\n' "$1"; }

        page() { # file, title, then the body on standard input
            edit "pages/$1"
            { printf '<title>%s</title>\n<h1>%s</h1>\n' "$2" "$2"; cat; } > "pages/$1"
            sleep "$pause"
        }

        case $key in
        FRE-61 | FRE-65) pause=0.6 ;;
        FRE-68 | FRE-69) pause=0.5 ;;
        *) pause=0.8 ;;
        esac

        case $(cat) in
        *"$key"*) say "I read the ticket and look at the project." ;;
        *) echo "the prompt doesn't name $key" >&2; exit 2 ;;
        esac
        sleep 0.3

        case $key in
        FRE-61)
            page article.html "Article" <<'END'
        <p class="meta">by Ada Human</p>
        <article></article>
        <p><a href="index.html">Home</a></p>
        END
            ;;
        FRE-62)
            if [ "$attempt" = 1 ]; then
                edit pages/projects.html
                printf '<title>Projects</title>\n<h1>Projects' > pages/projects.html
                sleep "$pause"
                echo "the connection to the model was lost after 1 of 3 projects" >&2
                exit 1
            fi
            say "I go on from the half page of the attempt before."
            page projects.html "Projects" <<'END'
        <ul>
        <li>Lighthouse: a static site generator in shell.</li>
        <li>Harbour: a small photo archive.</li>
        <li>Tide: a calendar of tides.</li>
        </ul>
        END
            ;;
        FRE-63)
            page newsletter.html "Newsletter" <<'END'
        <form action="thanks.html" method="post">
        <input type="email" name="email" required>
        <button>Sign up</button>
        </form>
        END
            ;;
        FRE-64)
            say "I try the colours in a browser."
            # The browser hangs, and doesn't listen to a polite signal.
            (trap '' HUP INT TERM; exec sleep 60) &
            for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                sleep 1
                say "The browser still loads, after $second s."
            done
            ;;
        FRE-65)
            page articles.html "All articles" <<'END'
        <ol>
        <li><a href="article.html">Hello, world</a>, 2026-11-02</li>
        </ol>
        END
            ;;
        FRE-66)
            page project.html "Lighthouse" <<'END'
        <p>Built in 2026 with nothing but a shell.</p>
        <p><a href="projects.html">All projects</a></p>
        END
            edit pages/projects.html
            sed 's|Lighthouse:|<a href="project.html">Lighthouse</a>:|' pages/projects.html > pages/new
            mv pages/new pages/projects.html
            ;;
        FRE-67)
            sleep "$pause"
            say "pages/thanks.html already says that a mail is on its way; there is nothing to change."
            exit 0
            ;;
        FRE-68)
            page feed.html "Feed" <<'END'
        <p><a href="article.html">Hello, world</a></p>
        END
            edit layout/head.html
            echo '<link rel="alternate" href="feed.html">' >> layout/head.html
            ;;
        FRE-69)
            page ai-agents.html "Working tickets with agents" <<'END'
        <h2>One ticket, one worktree</h2>
        <h2>Limits that hold</h2>
        <h2>A person decides</h2>
        <p><a href="articles.html">All articles</a></p>
        END
            ;;
        *)
            echo "there is no part for $key in this play" >&2
            exit 2
            ;;
        esac

        git add -A
        git -c user.name="Demo Agent" -c user.email=agent@example.com commit -q -m "$key: Do what the ticket asks"
        say "Done: committed as $(git rev-parse --short HEAD)."
        printf '{"event":"usage","turns":3,"input_tokens":2100,"output_tokens":350,"cost_usd":0.02}\n'

        """#
}
