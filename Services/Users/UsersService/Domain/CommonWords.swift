/// Words that passwords are commonly made of, in the form of ``FoldedText/fold(_:)``.
enum CommonWords {
    static let all = Set(text.split(whereSeparator: \.isWhitespace).map(String.init))

    private static let text = """
        password passwort passwd passphrase passcode motdepasse contrasena contrasenya senha parola haslo heslo salasana
        losenord wachtwoord adgangskode jelszo sifre kodeord pass word secret geheim private secure security login logon
        signin signup welcome willkommen bienvenue bienvenido benvenuto hello hallo hola bonjour ciao salut goodbye
        letmein openup opensesame sesame access admin administrator root system manager master user username guest test
        tester testing demo sample example temp temporary default change changeme changeit unknown nothing something
        whatever whoever someone anyone nobody service support server internet computer laptop keyboard monitor network
        website windows linux ubuntu debian android apple iphone samsung google facebook twitter youtube instagram
        whatsapp telegram amazon microsoft oracle cisco hotmail gmail yahoo office school student teacher college
        university company business account money dollar euro bitcoin million iloveyou iloveu loveyou lovely lover love
        loveme forever together always never amor amour liebe kiss kisses hugs heart sweetheart sweetie honey baby
        babygirl babyboy angel angels princess prince queen king lady girl girls boy boys woman family mother father
        mommy daddy sister brother friend friends bestfriend freedom peace hope faith jesus christ god godisgood heaven
        church bible blessed lucky happy smile smiley sunny sunshine sunflower rainbow moonlight moon star stars starlight
        galaxy planet earth world universe sky ocean river mountain forest flower flowers rose lily daisy jasmine orchid
        tulip cherry peach apple banana orange lemon strawberry coconut chocolate cookie cookies candy sugar cupcake
        cheese pizza burger coffee whiskey vodka beer cocacola pepsi butter pepper ginger cinnamon vanilla spring summer
        autumn fall winter january february march april may june july august september october november december monday
        tuesday wednesday thursday friday saturday sunday birthday christmas halloween easter holiday vacation weekend red
        blue green yellow purple violet pink black white silver golden gold orange brown grey crimson scarlet diamond
        crystal emerald sapphire pearl platinum dragon dragons monkey tiger tigers lion lions panther eagle eagles falcon
        hawk phoenix raven wolf wolves bear bears panda koala rabbit bunny kitty kitten cat cats dog dogs doggie puppy
        horse horses pony unicorn dolphin dolphins shark whale turtle spider snake cobra viper scorpion butterfly bird
        chicken turkey penguin elephant monkeys buster buddy rocky max shadow smokey bailey charlie molly bella coco lucky
        oscar toby sammy sam daisy maggie sophie sadie lucy football soccer baseball basketball hockey tennis golf cricket
        rugby volleyball softball swimming running skating skateboard surfing boxing wrestling racing nascar yankees
        cowboys steelers packers patriots broncos raiders lakers celtics bulls chelsea arsenal liverpool manchester united
        barcelona realmadrid juventus milan inter bayern dortmund ajax porto benfica galatasaray fenerbahce besiktas
        corvette mustang camaro ferrari porsche mercedes bmw audi toyota honda yamaha suzuki kawasaki harley ducati
        superman batman spiderman ironman hulk avengers marvel starwars skywalker vader yoda jedi matrix startrek pokemon
        pikachu naruto sasuke goku dragonball onepiece minecraft fortnite roblox warcraft starcraft counterstrike callofduty
        halo zelda mario sonic tetris nintendo playstation xbox gamer player winner loser hunter killer ninja samurai
        warrior knight wizard merlin magic mystic vampire zombie ghost devil demon satan lucifer monster hacker hacking
        matrix phantom thunder lightning storm blizzard hurricane tornado fire flame inferno blaze water ice snow snowball
        snowman metal metallica slipknot nirvana eminem beatles elvis guitar piano drums music musica dance dancer dancing
        singer rocknroll hiphop trouble danger crazy stupid idiot fuck fuckyou fucker fuckoff bitch asshole bullshit shit
        sexy hottie naughty pussy penis porn ashley jessica jennifer amanda sarah stephanie nicole heather elizabeth
        michelle melissa samantha danielle rebecca rachel lauren megan kimberly amber brittany emily hannah madison olivia
        emma sophia isabella victoria alexandra natalie natasha vanessa veronica patricia barbara sandra maria marina
        martina andrea claudia laura julia anna annette christina christine katherine catherine margaret charlotte caroline
        valentina gabriela fernanda daniela carolina alejandra michael matthew joshua christopher daniel david andrew james
        justin joseph ryan robert john anthony jonathan nicholas william brandon alexander alexandre alejandro tyler kevin
        jason jordan thomas steven timothy richard charles patrick benjamin samuel george edward peter paul mark martin
        stefan sebastian florian tobias andreas johannes maximilian carlos jorge miguel fernando ricardo eduardo antonio
        roberto francesco giuseppe giovanni vincent victor oliver harry potter hermione gandalf frodo aragorn legolas london
        paris berlin madrid roma rome vienna moscow newyork california texas florida chicago boston dallas houston denver
        america american canada mexico brasil brazil argentina colombia england scotland ireland france germany deutschland
        italia italy espana spain portugal polska poland russia china india japan tokyo korea australia africa europe
        qwerty qwertz azerty asdf asdfgh zxcvbn qwert asdfg yxcv abc abcd abcde abcdef abcdefg xxx zzz
        """
}
