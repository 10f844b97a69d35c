/// The look of a report: light and dark, on a telephone and on paper.
///
/// The fillings are the colours of M. Okabe and K. Ito, "Color Universal Design" (2008), darkened or lightened
/// until text on them has a contrast of 4.5 (WCAG 2.2, 1.4.3).
let reportStyle: Markup = """
    :root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--quiet:#57606a;--line:#d0d7de;--card:#f6f8fa;
    --link:#0550ae;--good:#0072b2;--on-good:#fff;--bad:#b3420a;--on-bad:#fff;--bad-stripe:#8f3002;
    --bound:#e69f00;--on-bound:#1b1f24;--bound-stripe:#f4bf4f;--bound-edge:#8a5f00;
    --parked:#d896bb;--on-parked:#1b1f24;--parked-stripe:#edc6dc;--parked-edge:#8d4a70;--review:#00795a}
    @media(prefers-color-scheme:dark){:root{--back:#0d1117;--text:#e6edf3;--quiet:#9da7b3;--line:#30363d;
    --card:#161b22;--link:#79b8ff;--good:#56b4e9;--on-good:#0d1117;--bad:#ff8a4c;--on-bad:#0d1117;
    --bad-stripe:#ffae84;--bound:#e69f00;--on-bound:#0d1117;--bound-stripe:#f4bf4f;--bound-edge:#f4bf4f;
    --parked:#d896bb;--on-parked:#0d1117;--parked-stripe:#edc6dc;--parked-edge:#edc6dc;--review:#3ddbaa}}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:1200px;padding:24px 20px 48px;background:var(--back);color:var(--text);
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
    h1{font-size:26px;line-height:1.2;margin:0}
    h2{font-size:20px;margin:40px 0 0;padding-top:16px;border-top:1px solid var(--line)}
    h3{font-size:15px;margin:28px 0 8px}
    p{margin:4px 0}a{color:var(--link)}code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.9em}
    .quiet{color:var(--quiet)}.empty{margin-top:24px}.patterns{position:absolute}
    .tiles{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0 0}
    .tile{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:8px 12px;min-width:92px;
    display:flex;flex-direction:column;flex:0 0 auto;overflow-wrap:normal}
    .tile dd{margin:0;font-size:18px;font-weight:600;white-space:nowrap}
    .tile dt{color:var(--quiet);font-size:13px}
    .tile.done,.tile.running{border-left:4px solid var(--good)}.tile.review{border-left:4px solid var(--review)}
    .tile.failed{border-left:4px solid var(--bad)}.tile.person{border-left:4px solid var(--bound-edge)}
    .tile.waiting,.tile.out{border-left:4px solid var(--quiet)}
    .present{display:flex;flex-wrap:wrap;gap:0 40px}
    .present>div{flex:1 1 300px}.present ul,.notes{margin:0;padding-left:20px}
    .scroll{overflow-x:auto}
    .scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
    svg text{font-size:12px;fill:var(--quiet)}
    .timeline{display:block;width:100%;min-width:840px;height:auto}
    .plan{display:block}
    .grid{stroke:var(--line);stroke-width:1}
    .band{fill:var(--card);stroke:var(--line)}
    .retry{fill:none;stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:3 3}
    .bar.good{fill:var(--good)}.bar.bad{fill:url(#fill-bad)}
    .bar.bound{fill:url(#fill-bound);stroke:var(--bound-edge)}
    .bar.parked{fill:url(#fill-parked);stroke:var(--parked-edge)}
    .bar.dropped{fill:var(--back);stroke:var(--quiet)}
    .bar.live{fill:var(--card);stroke:var(--good);stroke-width:1.5;stroke-dasharray:5 3}
    .base.bad{fill:var(--bad)}.stripe.bad{fill:var(--bad-stripe)}
    .base.bound{fill:var(--bound)}.stripe.bound{fill:var(--bound-stripe)}
    .base.parked{fill:var(--parked)}.stripe.parked{fill:var(--parked-stripe)}
    .on{font-weight:600}.on.good{fill:var(--on-good)}.on.bad{fill:var(--on-bad)}.on.bound{fill:var(--on-bound)}
    .on.parked{fill:var(--on-parked)}.on.dropped,.on.live,.on.beside{fill:var(--text)}
    .on.beside{paint-order:stroke;stroke:var(--back);stroke-width:5px;stroke-linejoin:round}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:6px 0 0;padding:0;font-size:13px;
    color:var(--quiet)}
    .legend svg{vertical-align:-2px;margin-right:6px}
    .head{font-weight:600}.plan .head{font-size:13px;fill:var(--text)}
    .arrow path{fill:none;stroke:var(--quiet);stroke-width:1.3}.arrow .point{fill:var(--quiet);stroke:none}
    .arrow.critical path{stroke:var(--text);stroke-width:3}
    .arrow.critical .point{fill:var(--text);stroke:var(--text);stroke-width:1}
    .card{fill:var(--card);stroke:var(--line)}.critical .card{stroke:var(--text);stroke-width:2}
    .box .key{font-size:13px;font-weight:600;fill:var(--text)}.box .state{font-size:11px}
    .edge{fill:var(--quiet)}.done .edge,.running .edge{fill:var(--good)}.review .edge{fill:var(--review)}
    .failed .edge{fill:var(--bad)}.person .edge{fill:var(--bound-edge)}
    .notes{margin-top:8px;font-size:14px}
    table{border-collapse:collapse;width:100%;font-size:14px}
    th{text-align:left;font-weight:600;color:var(--quiet);white-space:nowrap}
    th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
    td:first-child,td:nth-child(6),td:nth-child(7),td:nth-child(8){white-space:nowrap}
    span.state{white-space:nowrap;font-weight:600}
    span.done,span.running{color:var(--good)}span.review{color:var(--review)}span.failed{color:var(--bad)}
    span.person{color:var(--bound-edge)}span.waiting,span.out{color:var(--quiet)}
    details ol{margin:4px 0 0;padding-left:20px;min-width:180px}summary{cursor:pointer}
    @media(max-width:720px){
    body{padding:16px 14px 32px}
    .none{display:none!important}
    table,tbody,tr,td{display:block}thead{display:none}
    tr{border:1px solid var(--line);border-radius:6px;margin:0 0 10px;padding:8px 12px}
    tbody td{display:flex;gap:10px;border:0;padding:2px 0;white-space:normal!important}
    td::before{content:attr(data-label);color:var(--quiet);flex:0 0 96px}
    }
    @media print{
    :root{color-scheme:light}
    body{max-width:none;padding:0;font-size:11px}
    .scroll{overflow:visible}.timeline{min-width:0}.plan{max-width:100%;height:auto}
    table{font-size:10px}tr,.timeline,.plan,.tile{break-inside:avoid}h2,h3{break-after:avoid}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    }

    """
