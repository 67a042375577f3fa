//! Countries by calling code: ITU-T E.164, list of assigned country codes.

/// The longest calling code in the table, North American area codes included.
pub(crate) const LONGEST_CODE: usize = 4;

/// The name of the country whose code the digits begin with, and the code's length.
pub(crate) fn by_digits(digits: &str) -> Option<(&'static str, usize)> {
    (1..=LONGEST_CODE.min(digits.len())).rev().find_map(|length| {
        let code = digits.get(..length)?;
        Some((by_code(code)?, length))
    })
}

/// Whether further digits could still make a code of the table.
pub(crate) fn may_become_known(digits: &str) -> bool {
    TABLE.lines().any(|line| line.starts_with(digits))
}

fn by_code(code: &str) -> Option<&'static str> {
    TABLE.lines().find_map(|line| {
        let name = line.strip_prefix(code)?;
        (!name.starts_with(|first: char| first.is_ascii_digit())).then_some(name)
    })
}

/// One country a line, its code before its name: one text compresses better than
/// a table of pairs, and it is searched only when the number changes.
const TABLE: &str = "\
1United States or Canada
1242Bahamas
1246Barbados
1264Anguilla
1268Antigua and Barbuda
1284British Virgin Islands
1340US Virgin Islands
1345Cayman Islands
1441Bermuda
1473Grenada
1649Turks and Caicos Islands
1658Jamaica
1664Montserrat
1670Northern Mariana Islands
1671Guam
1684American Samoa
1721Sint Maarten
1758Saint Lucia
1767Dominica
1784Saint Vincent and the Grenadines
1787Puerto Rico
1809Dominican Republic
1829Dominican Republic
1849Dominican Republic
1868Trinidad and Tobago
1869Saint Kitts and Nevis
1876Jamaica
1939Puerto Rico
20Egypt
211South Sudan
212Morocco
213Algeria
216Tunisia
218Libya
220Gambia
221Senegal
222Mauritania
223Mali
224Guinea
225Côte d’Ivoire
226Burkina Faso
227Niger
228Togo
229Benin
230Mauritius
231Liberia
232Sierra Leone
233Ghana
234Nigeria
235Chad
236Central African Republic
237Cameroon
238Cabo Verde
239São Tomé and Príncipe
240Equatorial Guinea
241Gabon
242Congo
243DR Congo
244Angola
245Guinea-Bissau
246Diego Garcia
247Ascension
248Seychelles
249Sudan
250Rwanda
251Ethiopia
252Somalia
253Djibouti
254Kenya
255Tanzania
256Uganda
257Burundi
258Mozambique
260Zambia
261Madagascar
262Réunion or Mayotte
263Zimbabwe
264Namibia
265Malawi
266Lesotho
267Botswana
268Eswatini
269Comoros
27South Africa
290Saint Helena
291Eritrea
297Aruba
298Faroe Islands
299Greenland
30Greece
31Netherlands
32Belgium
33France
34Spain
350Gibraltar
351Portugal
352Luxembourg
353Ireland
354Iceland
355Albania
356Malta
357Cyprus
358Finland
359Bulgaria
36Hungary
370Lithuania
371Latvia
372Estonia
373Moldova
374Armenia
375Belarus
376Andorra
377Monaco
378San Marino
380Ukraine
381Serbia
382Montenegro
383Kosovo
385Croatia
386Slovenia
387Bosnia and Herzegovina
389North Macedonia
39Italy
40Romania
41Switzerland
420Czechia
421Slovakia
423Liechtenstein
43Austria
44United Kingdom
45Denmark
46Sweden
47Norway
48Poland
49Germany
500Falkland Islands
501Belize
502Guatemala
503El Salvador
504Honduras
505Nicaragua
506Costa Rica
507Panama
508Saint Pierre and Miquelon
509Haiti
51Peru
52Mexico
53Cuba
54Argentina
55Brazil
56Chile
57Colombia
58Venezuela
590Guadeloupe
591Bolivia
592Guyana
593Ecuador
594French Guiana
595Paraguay
596Martinique
597Suriname
598Uruguay
599Curaçao or Caribbean Netherlands
60Malaysia
61Australia
62Indonesia
63Philippines
64New Zealand
65Singapore
66Thailand
670Timor-Leste
672Norfolk Island or Antarctica
673Brunei
674Nauru
675Papua New Guinea
676Tonga
677Solomon Islands
678Vanuatu
679Fiji
680Palau
681Wallis and Futuna
682Cook Islands
683Niue
685Samoa
686Kiribati
687New Caledonia
688Tuvalu
689French Polynesia
690Tokelau
691Micronesia
692Marshall Islands
7Russia or Kazakhstan
800International freephone
808International shared cost
81Japan
82South Korea
84Vietnam
850North Korea
852Hong Kong
853Macao
855Cambodia
856Laos
86China
870Satellite phone
878Universal personal number
880Bangladesh
881Satellite phone
882International network
883International network
886Taiwan
90Türkiye
91India
92Pakistan
93Afghanistan
94Sri Lanka
95Myanmar
960Maldives
961Lebanon
962Jordan
963Syria
964Iraq
965Kuwait
966Saudi Arabia
967Yemen
968Oman
970Palestine
971United Arab Emirates
972Israel
973Bahrain
974Qatar
975Bhutan
976Mongolia
977Nepal
979International premium rate
98Iran
992Tajikistan
993Turkmenistan
994Azerbaijan
995Georgia
996Kyrgyzstan
998Uzbekistan";
