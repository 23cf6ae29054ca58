/** What the demo services have in common; each puts its own colours and letters on top. */
export const BASE_CSS = `
:root{--text:system-ui,-apple-system,'Segoe UI',sans-serif;--title:var(--text);--paper:#fff;--round:0}
*{box-sizing:border-box}
body{margin:0;font:19px/1.5 var(--text);color:#16181a;background:var(--paper)}
.width{display:block;max-width:960px;margin:0 auto;padding:0 20px}
header{background:var(--dark);color:#fff;border-bottom:8px solid var(--accent)}
.bar{display:flex;gap:16px;align-items:center;padding-top:14px;padding-bottom:14px}
header small{display:block;font-size:15px;opacity:.9}
header a{color:#fff;font:700 24px/1.2 var(--title);text-decoration:none}
header a:hover{text-decoration:underline}
.demo{margin:0;padding:8px 0;font-size:16px;background:#fff6d6;border-bottom:1px solid #e3d49a}
.demo strong{margin-right:8px;padding:1px 8px;background:#16181a;color:#fff}
main{padding-top:40px!important;padding-bottom:60px!important}
h1{margin:0 0 24px;font:700 44px/1.1 var(--title)}
h2{margin:48px 0 16px;font:700 27px/1.2 var(--title)}
a{color:var(--link)}
a:focus-visible,button:focus-visible,summary:focus-visible,pre:focus-visible{outline:3px solid #16181a;outline-offset:2px;background:#ffdd00;color:#16181a}
.button{display:inline-block;margin-right:16px;padding:11px 22px;border:0;border-radius:var(--round);background:var(--button);color:#fff;font:700 19px/1.3 var(--text);text-decoration:none;cursor:pointer}
.button:hover{filter:brightness(.88)}
.quiet{background:#eceff1;color:#16181a;border:1px solid #62696f}
.actions{display:flex;flex-wrap:wrap;gap:10px;margin:28px 0}
.notice{margin:0 0 28px;padding:14px 18px;border-left:8px solid var(--accent);background:#f1f4f4}
.card{max-width:620px;padding:24px;border:2px solid var(--dark);border-radius:var(--round);background:#fff}
.card h2{margin-top:0}
table{width:100%;margin:0 0 28px;border-collapse:collapse;table-layout:fixed;background:#fff}
caption{padding:8px 0;font-weight:700;text-align:left}
th,td{padding:9px 12px 9px 0;border-bottom:1px solid #c6cbd0;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{width:34%;font-weight:600}
code,pre{font:16px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{padding:16px;overflow:auto;background:#f1f4f4}
footer{padding:22px 0;border-top:1px solid #c6cbd0;background:#f5f6f7;font-size:17px}
footer nav{display:flex!important;flex-wrap:wrap;gap:6px 22px}
`;
