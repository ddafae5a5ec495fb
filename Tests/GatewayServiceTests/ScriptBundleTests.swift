import Testing

@testable import GatewayService

@Suite struct ScriptBundleTests {
    private func bundle(_ files: [String: String], entry: String = "app/main.js") throws -> ScriptBundle {
        try ScriptBundle(entry: entry) { files[$0].map { Array($0.utf8) } }
    }

    private func text(_ bundle: ScriptBundle) -> String { String(decoding: bundle.text, as: UTF8.self) }

    @Test func `comments, indentation and line ends that end nothing stay out`() throws {
        let source = """
            // Says hello.
            /** To `whom`. */ export const hello = (whom) => {
              const text = `/* ${whom /* who */ ?? "// nobody"} */`;
              return/**/text.replace(/\\/\\*/g, '// ');
            };
            """
        #expect(
            text(try bundle(["app/main.js": source])).contains(
                """
                {const hello=(whom)=>{const text=`/* ${whom??"// nobody"} */`;return text.replace(/\\/\\*/g,'// ');};
                return
                """))
    }

    @Test(arguments: [
        ("a()\nb()", "a()\nb()"), ("a\n(b)", "a\n(b)"), ("a = {\n  b,\n}\n[c]", "a={b,}\n[c]"),
        ("a;\n\n// b\nc", "a;c"),
        ("class A {\n  #b\n  c = 1\n}", "class A{#b\nc=1}"), ("f(\n  a,\n  b\n)", "f(a,b)"), ("a +\nb", "a+\nb"),
        ("return\na", "return\na"), ("a\n++b", "a\n++b"), ("x = 5\n.y", "x=5\n.y"), ("if (a)\n  b()", "if(a)\nb()"),
        ("`a\n  b`\nc", "`a\n  b`\nc"), ("x = [\n  1,\n]\n", "x=[1,]"),
    ])
    func `a line end stays where it may end a statement`(_ written: String, _ short: String) throws {
        #expect(text(try bundle(["app/main.js": written])).contains("{\(short)\nreturn{}"))
    }

    @Test func `modules stand behind what they import, each once`() throws {
        let bundle = try bundle([
            "app/main.js": "import './view/list.js';\nimport { a } from './a.js';\n",
            "app/view/list.js": "import * as Words from '../words.js';\nimport { a as first } from '../a.js';\n",
            "app/words.js": "export const word = 'word';\n", "app/a.js": "export const a = 1;\n",
            "app/unused.js": "export const nobody = 'asks';\n",
        ])
        #expect(bundle.modules == ["app/words.js", "app/a.js", "app/view/list.js", "app/main.js"])
        #expect(
            text(bundle) == """
                const bundled$0=(()=>{const word='word';
                return{word}})();
                const bundled$1=(()=>{const a=1;
                return{a}})();
                const bundled$2=(()=>{const Words=bundled$0;const{a:first}=bundled$1;
                return{}})();
                const bundled$3=(()=>{const{a}=bundled$1;
                return{}})();

                """)
    }

    @Test func `every supported form of import and export is understood`() throws {
        let bundle = try bundle([
            "app/main.js": """
            import {
              a,
              b as c, // a comment
            } from "./x.js"
            import { D, e, f, g } from './x.js';
            """,
            "app/x.js": """
            export const a = 1;
            export class b { static x = { import: 1 }; }
            export class D {}
            export function e() {}
            export async function f() { await 1; }
            export function* g() {}
            const h = async () => await 2;
            h.import; h.export;
            """,
        ])
        #expect(text(bundle).contains("const{a,b:c}=bundled$0;const{D,e,f,g}=bundled$0;"))
        #expect(text(bundle).contains("return{a,b,D,e,f,g}})"))
        for left in ["export ", "from"] { #expect(!text(bundle).contains(left)) }
    }

    @Test func `what only looks like a statement stays`() throws {
        let comments = #"""
            // import { a } from './comment.js';
            /* export default
               import b from './comment.js'; */

            """#
        let source = #"""
            const one="import c from './string.js'";const two='it\'s \\';const three=`
            import d from './template.js';
            ${`export default ${{import:'}'}.import}`} \`
            export default 1;`;const four=/['"`/\/export default[/'"]/.test(one)?one/2/3:/[}]/u;
            """#
        let more = #"""
            const five={import:1,export:2}.export/3;
            if(five){for(const each of[one/two])`${each}`;}
            """#
        let joined = text(try bundle(["app/main.js": comments + source + "\n" + more]))
        #expect(joined.contains("{\(source)\(more.replacing("\n", with: ""))"), "\(joined)")
    }

    @Test(arguments: [
        ("a + +b", "a+ +b"), ("a - -b", "a- -b"), ("a++ + b", "a++ +b"), ("1 .x", "1 .x"), ("a / /b/.x", "a/ /b/.x"),
        ("a * /b/.x", "a* /b/.x"), ("in #x", "in #x"), ("static #a = 1", "static #a=1"), ("a ? .5 : 1", "a? .5:1"),
        ("return /x/", "return/x/"), ("typeof 'a'", "typeof'a'"), ("a => ({ b, ...c })", "a=>({b,...c})"),
        ("é è", "é è"), ("f( a , b )", "f(a,b)"), ("a/**/b", "a b"), ("x = !y", "x= !y"),
        ("`a ${ b } c`", "`a ${b} c`"),
    ])
    func `a space stays where two tokens would be read as another one`(_ written: String, _ short: String) throws {
        #expect(text(try bundle(["app/main.js": written])).contains("{\(short)\nreturn{}"))
    }

    @Test(arguments: [
        ("import a from './a.js';", "default imports"), ("import a, { b } from './a.js';", "default imports"),
        ("const a = import('./a.js');", "import()"), ("f(import.meta.url);", "import.meta"),
        ("const a = import(`./a.js`);", "import()"),
        ("import { a } from 'somewhere';", "begin with ./"), ("import { a } from '../../a.js';", "begin with ./"),
        ("import { a } from './a.json' with { type: 'json' };", "attributes"),
        ("import { missing } from './a.js';", "app/a.js exports no missing"),
        ("import { a } from './missing.js';", "there is no file app/missing.js"),
        ("import { a b } from './a.js';", "lacks \",\""), ("import { a };", "lacks \"from\""),
        ("export default 1;", "form of export"), ("export * from './a.js';", "form of export"),
        ("export { a };", "form of export"), ("export let a = 1;", "form of export"),
        ("export var a = 1;", "form of export"), ("export const { a } = b;", "form of export"),
        ("await f();", "await outside"), ("const a = await f();", "await outside"),
        ("const bundled$1 = 1;", "reserved"), ("const a = 'b;", "string does not end"),
        ("const a = `b;", "template does not end"), ("const a = `${b;", "template does not end"),
        ("f(;", "not closed"), ("f());", "closes nothing"), ("/* b", "comment does not end"),
        ("const a = /b;", "regular expression does not end"),
    ])
    func `a form that is not supported is an error with its place`(_ line: String, _ reason: String) {
        let error = #expect(throws: AssetError.self) {
            try bundle(["app/main.js": "// The first line.\n\n\(line)\n", "app/a.js": "export const a = 1;\n"])
        }
        #expect(error?.file == "app/main.js")
        #expect(error.map { $0.line >= 3 } == true)
        #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `an import() of a made address stays, and the bundle exports what its entry exports`() throws {
        let bundle = try bundle([
            "app/main.js": """
            import { load } from './load.js';
            export const open = load;
            export async function close() {}

            """,
            "app/load.js": "export const load = (address) => import(address);\n",
        ])
        #expect(text(bundle).contains("const load=(address)=>import(address);"))
        #expect(text(bundle).hasSuffix("})();\nexport const{open,close}=bundled$1;\n"))
    }

    @Test func `modules that import each other are an error that names them`() {
        let error = #expect(throws: AssetError.self) {
            try bundle([
                "app/main.js": "import './a.js';", "app/a.js": "import './b.js';", "app/b.js": "\nimport './a.js';",
            ])
        }
        #expect(error?.description.hasPrefix("Public/app/b.js:2: ") == true)
        #expect(error?.reason.contains("app/a.js, app/b.js, app/a.js") == true)
    }

    @Test func `relative addresses mean what they mean in a browser`() {
        #expect(assetPath(of: "./b.js", in: "app/a.js") == "app/b.js")
        #expect(assetPath(of: "../b.js", in: "app/view/a.js") == "app/b.js")
        #expect(assetPath(of: "./x/../b.js", in: "a.js") == "b.js")
        #expect(assetPath(of: "../b.js", in: "a.js") == nil)
        #expect(assetPath(of: "/b.js", in: "a.js") == nil)
        #expect(assetPath(of: "b.js", in: "a.js") == nil)
    }
}
