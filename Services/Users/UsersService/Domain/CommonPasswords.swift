/// Passwords that are refused whatever else they are: the commonest ones that are long enough to be taken otherwise, in
/// lowercase. Compared without case.
///
/// Far more are found by their form: see ``TrivialForm``.
enum CommonPasswords {
    /// - Parameter key: the password in lowercase.
    static func contain(_ key: String) -> Bool { all.contains(key) }

    static let all = Set(text.split(whereSeparator: \.isWhitespace).map(String.init))

    private static let text = #"""
        !@#$%^&* !@#$%^&*( !qaz1qaz !qaz2wsx 00000000 000000000 0000000000 007007007 01010101 01234567 012345678
        0123456789 098765432 0987654321 0okmnji9 1!2@3#4$ 10101010 10203040 1020304050 102030405060 11111111
        111111111 1111111111 11112222 1111aaaa 111222333 111222333444 11223344 1122334455 112233445566 11235813
        12121212 1212121212 121212121212 12312312 123123123 1231231234 123321123 12341234 123412345 12344321
        1234512345 123454321 1234554321 123456!@ 12345612 123456123456 123456654321 12345678 123456780 123456789
        1234567890 12345678901 123456789012 1234567890123 1234567890a 1234567891 12345678910 123456789a 12345678a
        12345679 1234567a 1234567q 1234567qwe 123456ab 123456abc 123456qwe 123456qwerty 12345abc 12345abcde 12345qwe
        12345qwert 1234abcd 1234qwer 123654789 123698745 1236987450 123abc123 123qwe123 123qweasd 123qweasdzxc
        123qwerty 12qw34er 12qwaszx 13131313 13579246 135792468 1357924680 14141414 147147147 147258369 147852369
        147896325 1478963250 159159159 159357456 159753456 159951159 1a2b3c4d 1a2b3c4d5e 1password 1q2w3e4r
        1q2w3e4r! 1q2w3e4r5t 1q2w3e4r5t6y 1qaz!qaz 1qaz1qaz 1qaz2wsx 1qaz2wsx3edc 1qazxcvb 1qazxsw2 1qw23er4
        20202020 21212121 22222222 2222222222 23456789 2468101214 24681357 246813579 258258258 27182818 31415926
        314159265 3141592654 321321321 321654987 33333333 3333333333 369369369 42424242 4321rewq 44444444 4444444444
        456456456 456789123 55555555 5555555555 55555555555 654321654 66666666 6666666666 69696969 741258963
        741852963 753159852 77777777 7777777777 78787878 789456123 789456123a 789789789 852456852 87654321 88888888
        888888888 8888888888 90909090 951753852 963258741 963852741 987456321 98765432 987654321 9876543210
        987654321a 98989898 99999999 999999999 9999999999 a1234567 a12345678 a123456789 a1234567890 a1b2c3d4
        a1b2c3d4e5 a1s2d3f4 aa123456 aa12345678 aaa123456 aaaa1111 aaaa1234 aaaaaaaa aaaaaaaaa aaaaaaaaaa ab123456
        abc12345 abc123456 abc1234567 abc12345678 abc123456789 abc123abc abc@1234 abc@12345 abcabcabc abcd1234
        abcd12345 abcd123456 abcd@1234 abcde123 abcde1234 abcde12345 abcdef12 abcdef123 abcdefg1 abcdefg123 abcdefgh
        abcdefghi abcdefghij abcdefghijk access123 access14 admin001 admin123 admin1234 admin12345 admin123456
        admin2023 admin2024 admin2025 admin@123 adminadmin administrator alexander alexander1 alexandra america1
        america123 andrew123 android1 angel123 angels123 anthony1 anthony123 anything1 arsenal1 arsenal123 asd123456
        asd123asd asdasdasd asdf1234 asdf12345 asdf4321 asdf;lkj asdfasdf asdfgh123 asdfghjk asdfghjkl asdfghjkl1
        asdfjkl123 asdqwe123 ashley12 ashley123 assassin assassin1 asshole1 autumn2023 autumn2024 autumn2025
        azerty123 azertyui azertyuiop backup123 bailey123 banana123 barcelona barcelona1 baseball baseball1
        baseball123 basketball basketball1 batman123 batman1234 benjamin benjamin1 bestfriend birthday birthday1
        bitch123 blackjack blessed1 blessing blueberry brandon1 brother1 buddy123 bullshit business1 buster123
        butterfly butterfly1 canada123 casino123 champion champion1 changeit changeme changeme1 changeme123 charlie1
        charlie123 charlotte cheese123 chelsea1 chelsea123 chevrolet chocolate chocolate1 christian christian1
        christina christine christmas christmas1 christopher church123 cinderella cisco123 college1 company1
        company123 computer computer1 computer123 contrasena contraseña cookie123 corvette counterstrike cowboys1
        creative1 cristiano crystal1 daniel123 danielle database david123 december default1 default123
        defaultpassword demo1234 demodemo diamond1 diamond123 dolphin1 dolphin123 dolphins donald123 dragon12
        dragon123 dragon1234 dragonball dragons1 drowssap eagles123 elephant elizabeth elizabeth1 eminem123
        everyone12 facebook facebook1 facebook123 faith123 family12 family123 familyforever father123 february
        ferrari1 flower123 flowers1 football football1 football12 football123 forever1 forever21 foreverlove
        fortnite fortnite1 fortnite123 freedom1 freedom123 friends1 friends123 friendship fuckoff1 fuckyou! fuckyou1
        fuckyou123 fuckyou2 gabriel1 gabriela galaxy123 garfield garfield1 geheim123 ginger123 gladiator godisgood
        godislove golden123 goodbye1 goodluck google12 google123 guest123 guest1234 guitar123 hannah123 happiness
        happy123 happy1234 harley123 haslo123 heaven123 hello123 hello1234 hello12345 hello@123 hellohello
        helloworld heslo1234 hiphop123 hockey123 holiday1 hunter12 hunter123 hunter1234 ilovegod iloveme1
        ilovemyself iloveu123 iloveyou iloveyou! iloveyou1 iloveyou12 iloveyou123 iloveyou2 iloveyou3 iloveyou7
        immortal india@123 infinity infinity1 instagram internet internet1 iphone123 ironman123 isabella isabella1
        jennifer jennifer1 jessica1 jessica123 jesus123 jesus777 jesuschrist jesusislord jonathan jonathan1
        jordan123 jordan23 joseph123 joshua123 juventus kennwort killer123 kimberly lakers24 lauren123
        leagueoflegends letmein! letmein1 letmein12 letmein123 letmeinnow linkedin linkinpark linux123 liverpool
        liverpool1 liverpoolfc lkjhgfdsa london123 lovelove lovely123 loveme123 lovers123 loveyou1 loveyou2 lucky123
        lucky777 lucky7777 madison1 maggie123 manager1 manchester manutd123 marlboro martin123 master12 master123
        matthew1 matthew123 melissa1 mercedes mercury1 messi1010 metallica metallica1 michael1 michael12 michael123
        michelle michelle1 mickey123 mickeymouse microsoft midnight midnight1 minecraft minecraft1 minecraft123
        mnbvcxz1 mnbvcxzlkj mommy123 monitor1 monkey12 monkey123 monkey1234 moonlight motdepasse mother123
        motherfucker mustang1 mustang123 mylove123 mypassword mypassword1 mysecret naruto123 nathan123 network1
        newpass123 newpassword nicholas nicholas1 nicole123 nintendo nirvana1 nopassword nothing1 november office123
        operator1 oracle123 orange123 p@ssw0rd p@ssw0rd! p@ssw0rd1 p@ssw0rd123 p@ssword p@ssword1 p@ssword123
        pa$$w0rd pa$$word pa$$word1 pa55w0rd pa55word packers1 panther1 paris123 parola123 pass1234 pass12345
        pass123456 pass@123 pass@1234 passpass passport passw0rd passw0rd! passw0rd1 passw0rd123 password password!
        password0 password01 password1 password1! password10 password11 password12 password123 password123!
        password1234 password12345 password123456 password13 password2 password2020 password2021 password2022
        password2023 password2024 password2025 password2026 password21 password22 password3 password321 password4
        password5 password6 password69 password7 password77 password8 password9 password99 password@1 password@123
        password_1 passwords passwort passwort1 patricia patrick1 patriots peace123 peanut123 penguin1 pepper123
        phoenix1 pikachu1 pineapple playboy1 playstation playstation1 poiuytre poiuytrewq pokemon1 pokemon12
        pokemon123 pokerstars porsche911 princesa princess princess1 princess12 princess123 purple12 purple123
        q1234567 q12345678 q123456789 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsx123 qazwsxedc qazwsxedc123 qazxswedc
        qqqqqqqq qwe12345 qwe123456 qwe123qwe qweasd123 qweasdzxc qweasdzxc123 qweqwe123 qweqweqwe qwer1234
        qwer12345 qwer4321 qwert123 qwert1234 qwert12345 qwerty1! qwerty12 qwerty123 qwerty123! qwerty1234
        qwerty12345 qwerty123456 qwerty321 qwerty78 qwerty@123 qwertyu1 qwertyui qwertyuio qwertyuiop qwertyuiop1
        qwertyuiop123 qwertz123 qwertzui qwertzuiop raiders1 rainbow1 rainbow123 ranger123 raspberry realmadrid
        rebecca1 redskins robert123 roblox123 rockstar rockstar1 ronaldo123 ronaldo7 root1234 root12345 root@123
        rootroot s1234567 salasana samantha samantha1 samsung1 samsung123 samuel123 saturday school123 scoobydoo
        scooter1 scorpion1 secret12 secret123 security security1 senha123 senha1234 september server123 service1
        shadow12 shadow123 sifre123 silver123 sister123 slipknot slipknot1 smile123 snoopy123 snowball1 soccer12
        soccer123 softball1 something spiderman spiderman1 spongebob spring2023 spring2024 spring2025 starcraft
        starlight startrek startrek1 starwars starwars1 starwars123 steelers steelers1 stephanie steven123
        strawberry student1 student123 summer123 summer2020 summer2021 summer2022 summer2023 summer2024 summer2025
        sunshine sunshine1 sunshine12 sunshine123 superman superman1 superman123 supervisor support1 sysadmin
        system32 teacher1 teamo123 temp1234 temporary temppass test1234 test12345 test123456 test@123 tester123
        testing1 testing123 testpassword testtest thepassword thomas123 thursday tiger123 tigers123 tinkerbell
        toor1234 topsecret trustno1 trustnoone twitter123 ubuntu123 unicorn1 universe university user@1234
        userpassword vacation vanessa1 veronica victoria victoria1 virginia volleyball w1234567 wachtwoord
        wachtwoord1 warcraft warrior1 warriors watermelon wednesday welcome! welcome01 welcome1 welcome1! welcome12
        welcome123 welcome1234 welcome2 welcome2023 welcome2024 welcome2025 welcome@123 welcomehome whatever
        whatever1 william1 windows1 windows10 winter123 winter2020 winter2021 winter2022 winter2023 winter2024
        winter2025 xbox3600 xsw2zaq1 xxxxxxxx yamaha123 yankees1 yellow123 yourpassword youtube1 youtube123 z1234567
        zaq!2wsx zaq12wsx zaq1xsw2 zaq1zaq1 zaqwsxcde zaqxswcde zxc12345 zxc123456 zxcv1234 zxcvbnm, zxcvbnm1
        zxcvbnm123 zxcvzxcv zzzzzzzz
        """#
}
